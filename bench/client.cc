#include "bench/client.h"

#include <cstdio>
#include <cstdlib>

namespace godwit::bench {
namespace {

[[noreturn]] void give_up(const char* what, unsigned code, const char* rule) {
  std::fprintf(stderr, "bench: %s (%u: %s)\n", what, code, rule);
  std::exit(1);
}

}  // namespace

Client::Client(net::EventLoop& loop, Random& random, const HomeHost& home, net::TlsTickets* tickets,
               ClientEvents events)
    : loop_(loop), random_(random), home_(home), tls_tickets_(tickets), events_(std::move(events)), timer_(loop) {
  options_.home_key = home.key();
  options_.form = session::Form::kWebSocket;
}

void Client::connect(uint8_t tickets) {
  options_.tickets_wanted = tickets;
  session_.emplace(session::ClientSession::connect(options_, random_, loop_.now()));
  dial();
}

void Client::resume(session::Ticket ticket, const std::vector<wire::Request>& requests) {
  options_.tickets_wanted = 1;
  std::vector<Bytes> first_flight;
  for (const wire::Request& request : requests) first_flight.push_back(wire::encode_request(request));
  auto resumed =
      session::ClientSession::resume(options_, std::move(ticket), std::move(first_flight), random_, loop_.now());
  if (!resumed) give_up("a ticket was refused by our own session", resumed.error().code.number, resumed.error().rule);
  session_.emplace(std::move(resumed).value());
  dial();
}

void Client::dial() {
  net::WssOptions options;
  options.trust = home_.trust();
  options.tickets = tls_tickets_;
  options.early_bytes = session_->take_output(loop_.now());
  bytes_sent_ += options.early_bytes.size();
  net::PipeEvents events;
  events.on_bytes = [this](ByteView bytes) {
    bytes_received_ += bytes.size();
    static_cast<void>(session_->receive(bytes, loop_.now()));  // an error comes as Closed, too
    settle();
  };
  events.on_closed = [this](Error error) { lost("a connection was lost", error.code.number, error.rule); };
  auto pipe = net::connect_wss(loop_, route_ ? *route_ : home_.route(), std::move(options), std::move(events));
  if (!pipe) give_up("cannot dial", pipe.error().code.number, pipe.error().rule);
  pipe_ = std::move(pipe).value();
}

session::StreamId Client::request(const wire::Request& request) {
  const auto stream = session_->send_request(wire::encode_request(request), loop_.now());
  if (!stream) give_up("a request was refused by our own session", stream.error().code.number, stream.error().rule);
  settle();
  return *stream;
}

Bytes Client::mailbox_proof(const crypto::Ed25519KeyPair& key, const wire::MailboxId& mailbox) const {
  ASSERT(established_.has_value());
  Bytes signed_bytes = to_bytes(as_bytes(wire::kMailboxProofLabel));
  append(signed_bytes, established_->channel_binding);
  append(signed_bytes, mailbox.view());
  const crypto::Ed25519Signature signature = key.sign(signed_bytes);
  return Bytes(signature.begin(), signature.end());
}

void Client::settle() {
  while (auto event = session_->next_event()) take(std::move(*event));
  for (Bytes bytes = session_->take_output(loop_.now()); !bytes.empty(); bytes = session_->take_output(loop_.now())) {
    bytes_sent_ += bytes.size();
    if (!pipe_->send(bytes)) return lost("a pipe takes nothing", 0, "net");
  }
  timer_.set_at(session_->next_deadline(), [this] {
    session_->handle_expiry(loop_.now());
    settle();
  });
}

void Client::take(session::ClientEvent event) {
  if (const auto* established = std::get_if<session::ClientEstablished>(&event)) {
    established_ = *established;
    if (events_.on_established) events_.on_established();
  } else if (const auto* reply = std::get_if<session::Reply>(&event)) {
    const auto decoded = wire::decode_reply(reply->bytes);
    ASSERT(decoded.has_value());
    if (const auto* refusal = std::get_if<wire::Refused>(&*decoded)) return refused(reply->stream, refusal->code);
    if (events_.on_reply) events_.on_reply(reply->stream, *decoded);
  } else if (const auto* push = std::get_if<session::Push>(&event)) {
    const auto decoded = wire::decode_reply(push->bytes);
    ASSERT(decoded.has_value());
    if (events_.on_push) events_.on_push(*decoded);
  } else if (auto* granted = std::get_if<session::TicketGranted>(&event)) {
    granted_.push_back(std::move(granted->ticket));
  } else if (const auto* failed = std::get_if<session::StreamError>(&event)) {
    refused(failed->stream, failed->code);
  } else if (const auto* closed = std::get_if<session::Closed>(&event)) {
    lost("a session was closed", closed->code, "session");
  }
}

void Client::lost(const char* what, unsigned code, const char* rule) {
  if (!events_.on_lost) give_up(what, code, rule);
  if (!std::exchange(lost_, true)) events_.on_lost();
}

void Client::refused(session::StreamId stream, unsigned code) {
  if (!events_.on_refused) give_up("the home refused", code, "wire");
  events_.on_refused(stream, static_cast<uint16_t>(code));
}

}  // namespace godwit::bench
