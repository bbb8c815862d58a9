#include "home/front_messages.h"

#include "home/errors.h"
#include "session/errors.h"

namespace godwit::home {
namespace {

constexpr const char* kForm = "docs/protocol/fronts.md: a message has its form";

template <size_t Index = 0>
Result<FrontMessage> decode_kind(uint8_t kind, codec::Reader& reader) {
  if constexpr (Index < std::variant_size_v<FrontMessage>) {
    if (kind != Index) return decode_kind<Index + 1>(kind, reader);
    return FrontMessage(TRY(codec::decode<std::variant_alternative_t<Index, FrontMessage>>(reader)));
  } else {
    return Error{kBadFrontMessage, kForm};
  }
}

}  // namespace

void FrontTicket::encode_to(codec::Writer& writer) const {
  writer.raw(record.id.view());
  writer.raw(record.psk.reveal());
  writer.u8(static_cast<uint8_t>(record.kind));
  writer.opaque(record.binding);
  writer.u64(static_cast<uint64_t>(std::max<int64_t>(left.ms, 0)));
}

Result<FrontTicket> FrontTicket::decode_from(codec::Reader& reader) {
  FrontTicket out;
  out.record.id = TRY(codec::decode<session::TicketId>(reader));
  out.record.psk = TRY(session::TicketPsk::copy_of(TRY(reader.raw(session::TicketPsk::kSize))));
  const uint8_t kind = TRY(reader.u8());
  const bool known = kind == static_cast<uint8_t>(session::SessionKind::kAnonymous) ||
                     kind == static_cast<uint8_t>(session::SessionKind::kMailbox);
  REQUIRE(known, kBadFrontMessage, "docs/protocol/fronts.md: a ticket is anonymous or a mailbox's");
  out.record.kind = static_cast<session::SessionKind>(kind);
  out.record.binding = to_bytes(TRY(reader.opaque(255)));
  const uint64_t left = TRY(reader.u64());
  const auto most = static_cast<uint64_t>(session::kTicketLifetime.ms);
  out.left = milliseconds(static_cast<int64_t>(std::min(left, most)));
  return out;
}

Bytes encode_front_message(const FrontMessage& message) {
  const auto whole = [&](codec::Writer& writer) {
    writer.u8(static_cast<uint8_t>(message.index()));
    std::visit([&](const auto& one) { codec::encode(writer, one); }, message);
  };
  codec::Writer length{codec::Writer::Counting{}};
  whole(length);
  codec::Writer writer;
  writer.make_room(length.size());
  whole(writer);
  return writer.take();
}

Result<FrontMessage> decode_front_message(ByteView bytes) {
  codec::Reader reader(bytes);
  const auto kind = reader.u8();
  REQUIRE(kind.has_value(), kBadFrontMessage, kForm);
  auto message = decode_kind(*kind, reader);
  REQUIRE(message.has_value() && reader.at_end(), kBadFrontMessage, kForm);
  if (const auto* bind = std::get_if<FrontBind>(&*message))
    REQUIRE(bind->binding.size() <= 255, kBadFrontMessage, kForm);
  return message;
}

Result<ErrorCode> front_refusal(uint16_t number) {
  for (const ErrorCode& each : {session::kNotInFirstFlight, session::kOutboxFull, session::kGoingDown}) {
    if (each.number == number) return each;
  }
  return Error{kBadFrontMessage, "docs/protocol/fronts.md: a home refuses with one of three codes"};
}

}  // namespace godwit::home
