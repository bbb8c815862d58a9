// Sealed requests, brought by whoever has them: a session, a mail, a file, another home. What is inside is done as the
// requests of a session of its own, in their order.

#include <algorithm>

#include "home/core.h"
#include "session/record.h"
#include "wire/errors.h"

namespace godwit::home {
namespace {

// A home need not remember an id for longer than a message may live and a day.
constexpr Duration kAheadMax = days(31);
// Those that are being done at once hold their bytes and their replies in memory.
constexpr size_t kAtOnceMax = 64;
// All replies together, with what the list adds: with its seal the answer stays below 200 KiB, so one message on any carrier.
constexpr size_t kRepliesMax = 192 * 1024;
// What the list adds to each, and what a refusal needs: kept free for the requests that follow.
constexpr size_t kReplySure = 20;
// Longer than whatever can be opened.
constexpr size_t kSealedBytesMax = session::kSealedSizeMax + 16 * 1024;
// Their numbers are no pipe's.
constexpr uint64_t kFirstSealedSession = uint64_t{1} << 63;

// Counts one more for as long as it lives.
class Turn {
 public:
  explicit Turn(size_t& running) : running_(running) { ++running_; }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() { --running_; }

 private:
  size_t& running_;
};

// Calls at the end of its life, also when the frame is thrown away.
template <typename Function>
class AtEnd {
 public:
  explicit AtEnd(Function function) : function_(std::move(function)) {}
  AtEnd(const AtEnd&) = delete;
  AtEnd& operator=(const AtEnd&) = delete;
  ~AtEnd() { function_(); }

 private:
  Function function_;
};

// What needs a conversation has no place inside, nor has what would nest.
bool needs_a_session(const wire::Request& request) {
  if (const auto* fetch = std::get_if<wire::Fetch>(&request)) return fetch->live;
  return std::holds_alternative<wire::PartPut>(request) || std::holds_alternative<wire::PartGet>(request) ||
         std::holds_alternative<wire::Sealed>(request) || std::holds_alternative<wire::Forward>(request);
}

bool proves(const Result<wire::Request>& request) {
  return request &&
         (std::holds_alternative<wire::MailboxProve>(*request) || std::holds_alternative<wire::MailboxOpen>(*request));
}

// An answer that is read out of the store ends where the room does; items have a few bytes more than the store counts.
void clamp(wire::Request& request, size_t room) {
  const auto bytes_max = static_cast<uint32_t>(room - room / 8);
  if (auto* fetch = std::get_if<wire::Fetch>(&request)) fetch->bytes_max = std::min(fetch->bytes_max, bytes_max);
  if (auto* read = std::get_if<wire::LogRead>(&request)) read->bytes_max = std::min(read->bytes_max, bytes_max);
  if (auto* read = std::get_if<wire::ChannelRead>(&request)) read->bytes_max = std::min(read->bytes_max, bytes_max);
  if (auto* read = std::get_if<wire::ChannelFollow>(&request)) read->bytes_max = std::min(read->bytes_max, bytes_max);
}

Bytes name_of(SessionId session) {
  Bytes name;
  for (int shift = 56; shift >= 0; shift -= 8) name.push_back(static_cast<uint8_t>(session.value >> shift));
  return name;
}

}  // namespace

Core::Answer Core::handle(const Caller& caller, const wire::Sealed& request) {
  const Duration wait = sealed_rate_.take(name_of(caller.session), now_);
  if (wait > Duration{}) {
    co_return wire::Refused{wire::kTooManyRequests.number, static_cast<uint32_t>(wait.ms), 0};
  }
  CO_TRY(reply, co_await do_sealed(request.bytes));
  co_return wire::SealedReply{std::move(reply)};
}

void Core::sealed_arrived(SealedArrivalId arrival, Bytes sealed, Instant now) {
  now_ = now;
  tasks_.start(serve_sealed(arrival, std::move(sealed)));
  run();
}

Task<Status> Core::serve_sealed(SealedArrivalId arrival, Bytes sealed) {
  auto reply = co_await do_sealed(std::move(sealed));
  const bool crosses = reply.has_value() || (reply.error().code.number >= 500 && reply.error().code.number < 600);
  if (!crosses) reply = Error{wire::kUnavailable, "home: a record at rest is damaged"};
  sessions_.answer_sealed(arrival, std::move(reply));
  co_return Status{};
}

// The sealed reply. kSealedRefused: not for this home, damaged, expired, too far ahead, or done before. Another error:
// nothing was done.
Task<Result<Bytes>> Core::do_sealed(Bytes sealed) {
  CO_REQUIRE(!must_stop(), wire::kUnavailable, "home: stopping");
  CO_REQUIRE(sealed_running_ < kAtOnceMax, wire::kTooManyRequests, "home: sealed requests at once");
  const Turn turn(sealed_running_);
  CO_REQUIRE(sealed.size() <= kSealedBytesMax, wire::kSealedRefused, "home: kSealedSizeMax");
  auto opened = session::open_requests(crypto::SecretBuffer::copy_of(keys_.sealing.seed.reveal()), sealed);
  CO_REQUIRE(opened.has_value(), wire::kSealedRefused, "home: not sealed to this home");
  const bool timely = now_ < opened->expires && opened->expires - now_ <= kAheadMax;
  CO_REQUIRE(timely, wire::kSealedRefused, "home: a sealed request expires within 31 days from now");
  Bytes().swap(sealed);
  const SessionId id{kFirstSealedSession + next_sealed_++};
  SessionState& state = session_states_[id];
  state.channel = opened->binding;
  state.sealed = true;
  const AtEnd forget([this, id] { session_states_.erase(id); });
  co_return co_await do_opened(id, std::move(*opened));
}

// A mailbox is proved before the id is noted, since half of the places are for those who live here, and proving twice changes
// nothing. Everything else comes after it: a crash in between costs the client a second sealed request.
Task<Result<Bytes>> Core::do_opened(SessionId id, session::OpenedRequests opened) {
  const Bytes key = sealed_key(opened.reply_key.id());
  CO_TRY(before, co_await storing_.get(key));
  CO_REQUIRE(!before.value, wire::kSealedRefused, "home: done before");
  const auto first = wire::decode_request(opened.requests.front());
  const bool proof_first = first && std::holds_alternative<wire::MailboxProve>(*first);
  bool noted = false;
  bool broken = false;
  size_t used = 0;
  std::vector<Bytes> replies;
  for (size_t i = 0; i < opened.requests.size(); ++i) {
    if (!noted && (i > 0 || !proof_first)) {
      CO_CHECK(co_await note_sealed(id, key, opened.expires));
      noted = true;
    }
    const size_t room = kRepliesMax - used - kReplySure * (opened.requests.size() - i);
    wire::Reply reply = wire::Refused{wire::kProofRefused.number, 0, 0};
    if (!broken) reply = co_await do_inside(id, std::move(opened.requests[i]), room);
    const auto* refusal = std::get_if<wire::Refused>(&reply);
    broken = broken || (refusal != nullptr && refusal->code == wire::kProofRefused.number);
    replies.push_back(wire::encode_reply(reply));
    used += replies.back().size() + 4;
  }
  if (!noted) CO_CHECK(co_await note_sealed(id, key, opened.expires));
  co_return opened.reply_key.seal(replies, random_);
}

// Each half for its own. Those from before the start count to the strangers: a resident has a rate, strangers have none, so
// the other way round they would shut out the residents with the help of a restart.
Status Core::check_sealed_place(bool of_resident) {
  std::erase_if(resident_ids_, [&](const auto& each) { return each.first <= now_.day(); });
  uint64_t residents = 0;
  for (const auto& [day, count] : resident_ids_) residents += count;
  const uint64_t strangers = sealed_ids_ - std::min(sealed_ids_, residents);
  const uint64_t places = options_.limits.sealed_max;
  const uint64_t half = of_resident ? places - places / 2 : places / 2;
  REQUIRE(sealed_ids_ < places && (of_resident ? residents : strangers) < half, wire::kQuotaFull, "home: sealed_max");
  return {};
}

// From here on it was done. kSealedRefused: somebody else is doing it. kQuotaFull, kTooManyRequests.
Task<Status> Core::note_sealed(SessionId id, Bytes key, Instant expires) {
  const SessionState& state = session_states_.at(id);
  const bool of_resident = state.kind == Kind::kMailbox;
  CO_CHECK(check_sealed_place(of_resident));
  if (of_resident) {
    const Duration wait = resident_rate_.take(to_bytes(state.device.mailbox.view()), now_);
    CO_REQUIRE(wait <= Duration{}, wire::kTooManyRequests, "home: sealed requests of one mailbox");
  }
  const uint32_t forgotten_day = day_after(expires) + 1;
  ++sealed_ids_;
  if (of_resident) ++resident_ids_[forgotten_day];
  const Bytes value = codec::encoded(SealedRecord{forgotten_day});
  const auto swapped = co_await storing_.swap(std::move(key), std::nullopt, value);
  if (!swapped || !swapped->swapped) {
    sealed_ids_ -= std::min<uint64_t>(sealed_ids_, 1);
    if (of_resident) resident_ids_[forgotten_day] -= std::min<uint64_t>(resident_ids_[forgotten_day], 1);
  }
  CO_CHECK(swapped);
  CO_REQUIRE(swapped->swapped, wire::kSealedRefused, "home: done before");
  co_return Status{};
}

// One of its requests. A reply that does not fit into `room` gives way to a refusal: kTooManyRequests, ask again in
// another one; kTooLarge, if it would not fit there either.
Task<wire::Reply> Core::do_inside(SessionId id, Bytes bytes, size_t room) {
  ++counters_.requests;
  auto request = wire::decode_request(bytes);
  const size_t kind = request ? request->index() : kUnreadable;
  if (must_stop()) request = Error{wire::kUnavailable, "home: stopping"};
  SessionState& state = session_states_.at(id);
  const bool first_proof = state.kind == Kind::kUnsettled && proves(request);
  if (state.kind == Kind::kUnsettled) state.kind = first_proof ? Kind::kProving : Kind::kAnonymous;
  const bool mailbox = state.kind == Kind::kMailbox;
  if (request && (needs_a_session(*request) || (!first_proof && !may_ask(*request, mailbox)))) {
    request = Error{wire::kWrongSessionKind, "home: not inside a sealed request of this kind"};
  }
  wire::Reply reply = wire::Done{};
  if (!request) {
    reply = refused(request.error());
  } else {
    clamp(*request, room);
    const Caller caller{id, state.channel, state.device};
    auto answer = std::visit([&](const auto& typed) { return handle(caller, typed); }, *request);
    auto result = co_await answer;
    reply = result ? std::move(*result) : refused(result.error());
  }
  SessionState& now_state = session_states_.at(id);
  if (first_proof && now_state.kind == Kind::kProving) now_state.kind = Kind::kAnonymous;
  const size_t size = wire::encode_reply(reply).size();
  const size_t room_alone = kRepliesMax - kReplySure * 2;
  if (size > room) {
    reply = refused({size > room_alone ? wire::kTooLarge : wire::kTooManyRequests, "home: the room in a sealed reply"});
  }
  count(kind, reply);
  co_return std::move(reply);
}

// ---- bulletins ------------------------------------------------------------------------------------------------------

void Core::set_bulletin(BulletinPlan plan) { bulletin_ = std::move(plan); }

Core::Answer Core::handle(const Caller& caller, const wire::BulletinGet&) {
  const auto session = session_states_.find(caller.session);
  std::optional<Bucket> bucket;
  if (session != session_states_.end() && session->second.kind == Kind::kMailbox) {
    const auto lane = co_await lanes_.shared(mailbox_key(caller.device.mailbox));
    CO_CHECK(co_await own_mailbox(caller));
    CO_TRY(size, co_await bucket_of(caller.device.mailbox));
    bucket = Bucket{caller.device.mailbox, size};
  }
  const auto bulletin = make_bulletin(keys_, bulletin_, bucket, now_);
  co_return wire::BulletinText{wire::encode_signed_bulletin(bulletin)};
}

Core::Answer Core::handle(const Caller& /*caller*/, const wire::PageLook&) {
  co_return wire::PageAddress{bulletin_.page};
}

// How many private bridges the mailbox may know. Its first question begins its first month; where there are none, nothing is
// noted. Under a lane of the mailbox.
Task<Result<uint32_t>> Core::bucket_of(wire::MailboxId mailbox) {
  const bool any = std::any_of(bulletin_.bridges.begin(), bulletin_.bridges.end(),
                               [](const Bridge& bridge) { return !bridge.is_public; });
  if (!any) co_return uint32_t{0};
  const uint32_t month = month_of(now_);
  const Bytes value = codec::encoded(BridgesRecord{month});
  CO_TRY(swapped, co_await storing_.swap(bridges_key(mailbox), std::nullopt, value));
  if (swapped.swapped || !swapped.found) co_return kBucketFirst;
  CO_TRY(record, decode_record<BridgesRecord>(*swapped.found));
  co_return bucket_size(record.first_month, month);
}

}  // namespace godwit::home
