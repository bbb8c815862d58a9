// Requests in parts: put together here, done once as if they had come whole, and their replies kept until they were fetched.

#include "home/core.h"
#include "wire/errors.h"

namespace godwit::home {
namespace {

bool is_mailbox(const DeviceBinding& device) {
  return device.mailbox != wire::MailboxId{} || device.tag != DeviceTag{};
}

struct SessionName {
  uint64_t number{};
  GODWIT_WIRE_FIELDS(self.number)
};

Bytes owner_of(const DeviceBinding& device) {
  Bytes out = to_bytes(device.mailbox.view());
  append(out, device.tag.view());
  return out;
}

}  // namespace

// Whose a transfer is; the anonymous sessions hold theirs in common, since one client has many of them and shall not be known
// again by more than the transfer's id, which only it knows.
Core::TransferPlace Core::transfer_place(const Caller& caller, const wire::TransferId& transfer) {
  if (is_mailbox(caller.device)) {
    const Bytes owner = owner_of(caller.device);
    return {device_transfers_, {owner, transfer}, owner};
  }
  return {anonymous_transfers_, {{}, transfer}, codec::encoded(SessionName{caller.session.value})};
}

Core::Answer Core::handle(const Caller& caller, const wire::PartPut& request) {
  const TransferPlace place = transfer_place(caller, request.transfer);
  // What comes at once, and is answered at once, is as cheap to ask again: it takes no place.
  const bool at_once = request.offset == 0 && request.bytes.size() == request.total;
  if (at_once && !place.transfers.knows(place.name, now_)) {
    Bytes reply = co_await do_whole(caller, request.bytes, true);
    if (reply.size() <= std::min(request.reply_bytes, wire::kPartBytesMax)) {
      const auto size = static_cast<uint32_t>(reply.size());
      wire::PartState state{request.total, size, 0, std::move(reply)};
      co_return std::move(state);
    }
    place.transfers.keep(place.name, place.beginner, request.total, std::move(reply), now_);
  } else {
    CO_TRY(whole, place.transfers.put(place.name, place.beginner, request, now_));
    if (whole) {
      Bytes reply = co_await do_whole(caller, std::move(*whole), false);
      place.transfers.finish(place.name, std::move(reply), now_);
    }
  }
  CO_TRY(state, place.transfers.state(place.name, 0, request.reply_bytes, now_));
  co_return std::move(state);
}

Core::Answer Core::handle(const Caller& caller, const wire::PartGet& request) {
  const TransferPlace place = transfer_place(caller, request.transfer);
  CO_TRY(state, place.transfers.state(place.name, request.offset, request.reply_bytes, now_));
  co_return std::move(state);
}

// The encoded reply to an encoded request that came in parts. It counts as the one request that brought its last part.
// `alone`: that part was all of it, and may have come in a first flight.
Task<Bytes> Core::do_whole(const Caller& caller, Bytes whole, bool alone) {
  auto result = co_await do_decoded(caller, std::move(whole), alone);
  const wire::Reply reply = result ? std::move(*result) : refused(result.error());
  co_return wire::encode_reply(reply);
}

Core::Answer Core::do_decoded(const Caller& caller, Bytes whole, bool alone) {
  CO_TRY(request, wire::decode_request(whole));
  const bool may = wire::may_come_in_parts(request) && (!alone || wire::is_idempotent(request));
  CO_REQUIRE(may, wire::kMalformed, "home: a request that may come in parts");
  CO_REQUIRE(may_ask(request, is_mailbox(caller.device)), wire::kWrongSessionKind,
             "home: this kind of session may not ask that");
  auto answer = std::visit([&](const auto& typed) { return handle(caller, typed); }, request);
  co_return co_await answer;
}

}  // namespace godwit::home
