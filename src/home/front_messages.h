#pragma once
// What a front and the home that has the store say to one another inside their link (front_link.h): sessions of the front's pipes on one
// side, the core on the other. docs/protocol/fronts.md has the bytes. A change of any of them is another kFrontLinkVersion.

#include <vector>

#include "codec/codec.h"
#include "home/session_core.h"

namespace godwit::home {

/// Both ends of a link speak the same one; there is no other agreement.
inline constexpr uint16_t kFrontLinkVersion = 1;
/// The largest message: a reply or a push of a megabyte, and what stands before it.
inline constexpr size_t kFrontMessageSizeMax = session::kReplySizeMax + 1024;

/// A session of a front: the number of its pipe there, never reused while the front runs.
using FrontSessionId = StrongNumber<struct FrontSessionIdTag, uint64_t>;

/// A ticket on its way between the two. Its end is told as time that is left, since clocks differ.
struct FrontTicket {
  session::TicketRecord record;  ///< `expires` as of the one who has it in memory
  Duration left{};
  /// For codec::encode.
  void encode_to(codec::Writer& writer) const;
  /// For codec::decode. kBadFrontMessage.
  static Result<FrontTicket> decode_from(codec::Reader& reader);
};

// ---- front to home ----------------------------------------------------------------------------------------------------

/// SessionCore::session_opened.
struct FrontOpened {
  FrontSessionId session;
  session::ChannelBinding channel{};
  Bytes binding;
  bool resumed = false;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.session, self.channel, self.binding, self.resumed);
  }
};
/// SessionCore::handle_request.
struct FrontRequest {
  FrontSessionId session;
  session::StreamId stream;
  bool first_flight = false;
  Bytes request;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.session, self.stream, self.first_flight, self.request);
  }
};
/// SessionCore::session_closed.
struct FrontClosed {
  FrontSessionId session;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.session);
  }
};
/// SessionCore::take_ticket.
struct FrontTicketWanted {
  FrontSessionId session;
  session::TicketId ticket;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.session, self.ticket);
  }
};
/// SessionCore::keep_ticket.
struct FrontTicketIssued {
  FrontTicket ticket;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.ticket);
  }
};
/// What a client has taken of the bytes that were answered and pushed to it.
struct FrontTook {
  FrontSessionId session;
  uint32_t bytes = 0;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.session, self.bytes);
  }
};
/// The same of many.
struct FrontTaken {
  std::vector<FrontTook> sessions;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.sessions);
  }
};

// ---- home to front ----------------------------------------------------------------------------------------------------

/// Sessions::reply.
struct FrontReply {
  FrontSessionId session;
  session::StreamId stream;
  Bytes reply;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.session, self.stream, self.reply);
  }
};
/// Sessions::refuse; `code`: of session/errors.h, as front_refusal() knows them.
struct FrontRefusal {
  FrontSessionId session;
  session::StreamId stream;
  uint16_t code = 0;
  uint32_t retry_ms = 0;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.session, self.stream, self.code, self.retry_ms);
  }
};
/// Sessions::push and push_spare.
struct FrontPush {
  FrontSessionId session;
  Bytes push;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.session, self.push);
  }
};
/// Sessions::bind.
struct FrontBind {
  FrontSessionId session;
  Bytes binding;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.session, self.binding);
  }
};
/// Sessions::close; `comes_back`: with kGoingDown instead of kGoodbye.
struct FrontClose {
  FrontSessionId session;
  bool comes_back = false;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.session, self.comes_back);
  }
};
/// Sessions::provide_ticket.
struct FrontTicketFound {
  FrontSessionId session;
  std::optional<FrontTicket> ticket;
  template <typename Self>
  static auto fields(Self& self) {
    return codec::members(self.session, self.ticket);
  }
};
/// The home is about to end: nothing more is asked, and what was asked is still answered.
struct FrontGoingDown {
  template <typename Self>
  static auto fields(Self&) {
    return codec::members();
  }
};

// ---- either way -------------------------------------------------------------------------------------------------------

/// The last message of a link.
struct FrontGoodbye {
  template <typename Self>
  static auto fields(Self&) {
    return codec::members();
  }
};

/// Any of them; its place is its number.
using FrontMessage =
    std::variant<FrontOpened, FrontRequest, FrontClosed, FrontTicketWanted, FrontTicketIssued, FrontTaken, FrontReply,
                 FrontRefusal, FrontPush, FrontBind, FrontClose, FrontTicketFound, FrontGoingDown, FrontGoodbye>;

/// The bytes of one; secrets may be in them (of a ticket), so whoever has them wipes them.
Bytes encode_front_message(const FrontMessage& message);
/// The reverse. kBadFrontMessage: the other end is not what it should be, end the link.
Result<FrontMessage> decode_front_message(ByteView bytes);
/// The code of a FrontRefusal. kBadFrontMessage: a home refuses with no such code.
Result<ErrorCode> front_refusal(uint16_t number);

}  // namespace godwit::home
