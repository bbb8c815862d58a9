#include "home/testing/house.h"

#include <algorithm>
#include <cstdlib>

#include "crypto/hash.h"
#include "crypto/proof_of_work.h"
#include "home/admission.h"

namespace godwit::home::testing {

Options test_options() {
  Options options;
  options.admission = Admission::kCodeOrWork;
  options.mailbox_work_bits = 4;
  options.log_work_bits = 4;
  return options;
}

wire::TokenHash hash_of(const wire::Token& token) { return {crypto::sha256(token.view())}; }

// With GODWIT_HOUSE_FRONT in the environment all clients of all tests dial a front instead of the home.
House::House(Options options, uint64_t seed) : options_(options), random_(seed), keys_(Keys::generate(random_)) {
  ASSERT(crypto::initialise());
  start({});
  if (std::getenv("GODWIT_HOUSE_FRONT") != nullptr) dial = &add_front();
}

House::~House() = default;

void House::start(store::StoreFaults faults) {
  store_ = std::make_unique<store::FaultyStore>(disk_, random_, faults);
  home_ = std::make_unique<Home>(keys_.clone(), options_, *store_, random_);
  home_->start(now_);
  home_->open_to_fronts("the home");
  settle();
}

void House::restart() { restart(options_); }

void House::restart(Options options, store::StoreFaults faults) {
  options_ = options;
  const bool by_front = dial != nullptr;
  for (auto& each : fronts_) lose_pipes(each.front.get());
  fronts_.clear();
  carried_.clear();
  dial = nullptr;
  home_.reset();
  store_.reset();
  stopped_.reset();
  lose_pipes(nullptr);
  start(faults);
  if (by_front) dial = &add_front();
}

void House::replace_home() {
  home_.reset();
  store_.reset();
  lose_pipes(nullptr);
  start({});
}

void House::lose_pipes(const Front* front) {
  for (auto& client : clients_) {
    if (client->front != front) continue;
    if (!client->closed) client->session.pipe_lost();
    hear(*client);
  }
}

Instant House::next_deadline() const {
  Instant next = home_->next_deadline();
  for (const auto& each : fronts_) next = std::min(next, each.front->next_deadline());
  return next;
}

void House::handle_expiry() {
  home_->handle_expiry(now_);
  for (auto& each : fronts_) each.front->handle_expiry(now_);
}

// Long spans are passed in steps where fronts tick, since nobody wants to wait for each second of a month.
void House::advance(Duration span) {
  const Instant end = now_ + span;
  const Duration step = fronts_.empty() ? Duration{} : milliseconds(span.ms / 1'000);
  while (next_deadline() <= end) {
    now_ = std::min(end, std::max(now_ + (step > seconds(1) ? step : Duration{}), next_deadline()));
    handle_expiry();
    settle();
  }
  now_ = end;
  settle();
}

// ---- fronts -----------------------------------------------------------------------------------------------------------

Front& House::add_front() {
  fronts_.push_back({std::make_unique<Front>(keys_.clone(), options_.limits, random_, "a front"), false});
  Front& front = *fronts_.back().front;
  front.start(now_);
  settle();
  return front;
}

void House::kill_front(Front& front) {
  lose_pipes(&front);
  for (auto& client : clients_) {
    if (client->front == &front) client->front = nullptr;  // of a pipe that nobody has
  }
  if (dial == &front) dial = nullptr;
  std::erase_if(fronts_, [&](const FrontHere& each) { return each.front.get() == &front; });
}

void House::carry(const SendFrontPacket& packet) {
  if (keeps_packets) packets.push_back(packet);
  for (size_t count = copies ? copies(packet) : 1; count > 0; --count) carried_.push_back(packet);
}

void House::bring_packet(const SendFrontPacket& packet) {
  if (!packet.inbox || *packet.inbox == home_->front_inbox()) return home_->front_packet(packet.packet, now_);
  for (auto& each : fronts_) {
    if (each.front->inbox() == *packet.inbox) each.front->packet(packet.packet, now_);
  }
}

bool House::move_fronts() {
  bool moved = false;
  for (size_t i = 0; i < fronts_.size(); ++i) {
    Front& front = *fronts_[i].front;
    while (auto output = front.next_output()) {
      moved = true;
      if (const auto* send = std::get_if<SendBytes>(&*output)) give(&front, *send);
      if (const auto* close_pipe = std::get_if<ClosePipe>(&*output)) close(&front, *close_pipe);
      if (const auto* packet = std::get_if<SendFrontPacket>(&*output)) carry(*packet);
      if (std::holds_alternative<FrontLinked>(*output)) fronts_[i].linked = true;
      if (std::holds_alternative<FrontLost>(*output)) fronts_[i].linked = false;
    }
  }
  while (!carried_.empty()) {
    moved = true;
    const SendFrontPacket packet = std::move(carried_.front());
    carried_.pop_front();
    bring_packet(packet);
  }
  return moved;
}

void House::give(const Front* front, const SendBytes& send) {
  for (auto& client : clients_) {
    if (client->front == front && send.pipe == client->pipe)
      static_cast<void>(client->session.receive(send.bytes, now_));
  }
}

void House::close(const Front* front, const ClosePipe& close) {
  for (auto& client : clients_) {
    if (client->front == front && close.pipe == client->pipe) client->session.pipe_lost();
  }
}

// ---- sessions ---------------------------------------------------------------------------------------------------------

Client& House::add_client(session::ClientSession session) {
  const PipeId pipe{next_pipe_++};
  clients_.push_back(std::make_unique<Client>(std::move(session), pipe));
  clients_.back()->front = dial;
  if (dial != nullptr) {
    dial->pipe_opened(pipe, session::Form::kStream, source, now_);
  } else {
    home_->pipe_opened(pipe, session::Form::kStream, source, now_);
  }
  settle();
  return *clients_.back();
}

Client& House::connect() {
  session::ClientOptions options;
  options.home_key = keys_.identity.public_key;
  return add_client(session::ClientSession::connect(options, random_, now_));
}

Client& House::resume(session::Ticket ticket, std::vector<Bytes> first_flight) {
  session::ClientOptions options;
  options.home_key = keys_.identity.public_key;
  auto session = session::ClientSession::resume(options, std::move(ticket), std::move(first_flight), random_, now_);
  ASSERT(session.has_value());
  return add_client(std::move(session).value());
}

void House::cut(Client& client) {
  if (client.front != nullptr) {
    client.front->pipe_closed(client.pipe, now_);
  } else {
    home_->pipe_closed(client.pipe, now_);
  }
  if (!client.closed) client.session.pipe_lost();
  settle();
}

void House::settle() {
  // The store may take a call to carry something out and another to answer.
  for (int quiet = 0; quiet < 3;) quiet = move_bytes() ? 0 : quiet + 1;
}

void House::settle_slowly() {
  for (int i = 0; i < 12; ++i) {
    settle();
    store_->sync();
  }
  settle();
}

bool House::move_bytes() {
  bool moved = false;
  for (auto& client : clients_) {
    const Bytes bytes = client->session.take_output(now_);
    if (bytes.empty()) continue;
    if (client->front != nullptr) {
      client->front->pipe_bytes(client->pipe, bytes, now_);
    } else {
      home_->pipe_bytes(client->pipe, bytes, now_);
    }
    moved = true;
  }
  const uint64_t submitted = store_->submitted();
  home_->store_ready(now_);
  moved = moved || store_->submitted() != submitted;
  while (auto output = home_->next_output()) {
    moved = true;
    if (const auto* stop = std::get_if<Stop>(&*output)) stopped_ = stop->error;
    if (const auto* trouble = std::get_if<StoreTroubleBegan>(&*output))
      troubles_.emplace_back(trouble->error.code.name);
    if (std::holds_alternative<StoreTroubleEnded>(*output)) troubles_.emplace_back("over");
    if (auto* answer = std::get_if<SealedAnswer>(&*output)) {
      ASSERT(sealed_answers_.emplace(answer->arrival, std::move(answer->reply)).second);
    }
    if (auto* forward = std::get_if<ForwardSealed>(&*output)) forwards_.push_back(std::move(*forward));
    if (auto* push = std::get_if<SendWebPush>(&*output)) web_pushes_.push_back(std::move(*push));
    if (const auto* send = std::get_if<SendBytes>(&*output)) give(nullptr, *send);
    if (const auto* close_pipe = std::get_if<ClosePipe>(&*output)) close(nullptr, *close_pipe);
    if (const auto* packet = std::get_if<SendFrontPacket>(&*output)) carry(*packet);
  }
  moved = move_fronts() || moved;
  for (auto& client : clients_) hear(*client);
  return moved;
}

void House::hear(Client& client) {
  while (auto event = client.session.next_event()) {
    if (const auto* established = std::get_if<session::ClientEstablished>(&*event)) client.established = *established;
    if (const auto* reply = std::get_if<session::Reply>(&*event)) {
      auto decoded = wire::decode_reply(reply->bytes);
      ASSERT(decoded.has_value());
      client.replies.insert_or_assign(reply->stream.value, std::move(decoded).value());
    }
    if (const auto* error = std::get_if<session::StreamError>(&*event))
      client.errors[error->stream.value] = error->code;
    if (const auto* push = std::get_if<session::Push>(&*event)) {
      auto decoded = wire::decode_reply(push->bytes);
      ASSERT(decoded.has_value());
      if (auto* entries = std::get_if<wire::ChannelEntries>(&*decoded)) {
        client.channel_pushes.push_back(std::move(*entries));
      } else {
        for (wire::Item& item : std::get<wire::Items>(*decoded).items) client.pushed.push_back(std::move(item));
      }
    }
    if (auto* ticket = std::get_if<session::TicketGranted>(&*event))
      client.tickets.push_back(std::move(ticket->ticket));
    if (std::holds_alternative<session::TicketRefused>(*event)) client.ticket_refused = true;
    if (const auto* closed = std::get_if<session::Closed>(&*event)) client.closed = *closed;
  }
}

uint32_t House::send(Client& client, const wire::Request& request) {
  const auto stream = client.session.send_request(wire::encode_request(request), now_);
  return stream ? stream->value : 0;
}

wire::Reply House::ask(Client& client, const wire::Request& request) {
  const uint32_t stream = send(client, request);
  settle();
  const auto reply = client.replies.find(stream);
  if (reply != client.replies.end()) return reply->second;
  const auto error = client.errors.find(stream);
  return wire::Refused{error != client.errors.end() ? error->second : uint16_t{1}, 0, 0};
}

uint16_t House::code_of(Client& client, const wire::Request& request) {
  const wire::Reply reply = ask(client, request);
  const auto* refused = std::get_if<wire::Refused>(&reply);
  return refused != nullptr ? refused->code : uint16_t{0};
}

Result<Bytes> House::bring(Bytes sealed) {
  const SealedArrivalId arrival{next_arrival_++};
  home_->sealed_arrived(arrival, std::move(sealed), now_);
  settle();
  const auto answer = sealed_answers_.find(arrival);
  ASSERT(answer != sealed_answers_.end());
  return answer->second;
}

void House::forwarded(ForwardId forward, Result<Bytes> reply) {
  home_->forwarded(forward, std::move(reply), now_);
  settle();
}

void House::web_pushed(WebPushId push, const WebPushResult& result) {
  home_->web_pushed(push, result, now_);
  settle();
}

Device House::new_device(std::optional<wire::MailboxId> mailbox) {
  return {mailbox ? *mailbox : random_id<wire::MailboxId>(), crypto::Ed25519KeyPair::generate(random_)};
}

Bytes House::new_code(uint16_t uses, uint32_t expires_day) {
  return make_admission_code(keys_.admission_key, uses, expires_day, random_);
}

wire::MailboxProve House::prove_request(Client& client, const Device& device) {
  Bytes message = to_bytes(as_bytes(wire::kMailboxProofLabel));
  append(message, client.established->channel_binding);
  append(message, device.mailbox.view());
  return {device.mailbox, device.public_key(), to_bytes(device.key.sign(message))};
}

wire::MailboxOpen House::open_request(Client& client, const Device& device, Bytes code) {
  const auto proof = prove_request(client, device);
  const uint64_t nonce =
      code.empty() ? crypto::find_work(wire::kWorkLabel, device.mailbox.view(), options_.mailbox_work_bits) : 0;
  return {device.mailbox, device.public_key(), proof.signature, std::move(code), {nonce}};
}

Client& House::open_mailbox(const Device& device) {
  Client& client = connect();
  ASSERT(code_of(client, open_request(client, device, new_code())) == 0);
  return client;
}

Client& House::prove(const Device& device) {
  Client& client = connect();
  ASSERT(code_of(client, prove_request(client, device)) == 0);
  return client;
}

Address House::new_address(Client& owner, uint32_t expires_day) {
  const Address address{random_id<wire::Alias>(), random_id<wire::Token>()};
  ASSERT(code_of(owner, wire::AddressCreate{address.alias, hash_of(address.token), expires_day}) == 0);
  return address;
}

wire::Deliver House::delivery(const Address& address, Bytes payload, uint32_t ttl_seconds) {
  return {{address.alias, address.token, random_id<wire::DeliveryId>()}, ttl_seconds, std::move(payload)};
}

}  // namespace godwit::home::testing
