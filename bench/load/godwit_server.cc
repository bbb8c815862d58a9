#include "bench/load/godwit_server.h"

#include <algorithm>
#include <optional>

namespace godwit::bench::load {
namespace {

constexpr uint32_t kDay = 86'400;
constexpr uint32_t kFetchBytes = 256 * 1024;

// A mailbox session that fetches live and acknowledges, and an anonymous one for what is sent.
class GodwitPerson final : public Person {
 public:
  GodwitPerson(GodwitServer& server, size_t index, PersonEvents events)
      : server_(server), account_(server.account(index)), events_(std::move(events)) {}

  void log_in(bool again) override {
    seen_ = acknowledged_ = {};
    acknowledging_ = ready_ = fetch_again_ = false;
    fetching_ = acknowledging_stream_ = {};
    ClientEvents events;
    events.on_established = [this] { begin(); };
    events.on_reply = [this](session::StreamId stream, const wire::Reply& reply) { take_reply(stream, reply); };
    events.on_push = [this](const wire::Reply& push) { take_push(std::get<wire::Items>(push)); };
    net::TlsTickets* tls = account_.opened ? &account_.tls : nullptr;
    mailbox_.emplace(server_.loop(), server_.random(), server_.home(), tls, std::move(events));
    if (again && !account_.tickets.empty()) {
      session::Ticket ticket = std::move(account_.tickets.back());
      account_.tickets.pop_back();
      fetching_ = session::StreamId{1};
      mailbox_->resume(std::move(ticket), {fetch()});
    } else {
      mailbox_->connect(account_.opened ? 1 : 0);
    }
  }

  void log_out() override {
    if (mailbox_) {
      for (session::Ticket& ticket : mailbox_->tickets()) account_.tickets.push_back(std::move(ticket));
    }
    mailbox_.reset();
    sender_.reset();
  }

  void send(size_t to, ByteView payload) override {
    sender().request(server_.account(to).mailbox.deliver(to_bytes(payload), server_.random()));
  }

  void send_group(size_t members, ByteView payload) override {
    for (size_t at = 0; at < members; at += wire::kDeliverManyMax) {
      wire::DeliverMany many;
      many.ttl_seconds = kDay;
      many.payload = to_bytes(payload);
      for (size_t i = at; i < std::min<size_t>(members, at + wire::kDeliverManyMax); ++i) {
        const Mailbox& mailbox = server_.account(i).mailbox;
        many.recipients.push_back({mailbox.alias, mailbox.token, {server_.random().bytes<16>()}});
      }
      group_[sender().request(many)] = at + wire::kDeliverManyMax >= members;
    }
  }

  void join_group(size_t) override {
    server_.loop().post([this] { events_.on_ready(); });
  }

 private:
  wire::Request fetch() const { return wire::Fetch{seen_, kFetchBytes, true}; }

  void begin() {
    if (mailbox_->is_resumed()) return;  // its question is on its way
    if (account_.opened) {
      mailbox_->request(account_.mailbox.prove(*mailbox_));
    } else {
      mailbox_->request(account_.mailbox.open(*mailbox_, server_.home().admission_code()));
      mailbox_->request(account_.mailbox.create_address());
    }
    proofs_ = account_.opened ? 1 : 2;
    account_.opened = true;
  }

  void take_reply(session::StreamId stream, const wire::Reply& reply) {
    if (stream == fetching_) {
      const auto& items = std::get<wire::Items>(reply);
      fetching_ = {};
      take_items(items);
      if (items.more || std::exchange(fetch_again_, false)) {
        fetching_ = mailbox_->request(fetch());
      } else if (!std::exchange(ready_, true)) {
        events_.on_ready();
      }
    } else if (stream == acknowledging_stream_) {
      acknowledging_ = false;
      acknowledge();
    } else if (proofs_ > 0 && --proofs_ == 0) {
      fetching_ = mailbox_->request(fetch());
    }
  }

  // A small push overtakes the reply to a Fetch: a gap is an item on its way.
  void take_push(const wire::Items& items) {
    if (items.items.empty() || items.items.front().sequence.value <= seen_.value + 1) return take_items(items);
    fetch_again_ = fetching_ != session::StreamId{};
    if (!fetch_again_) fetching_ = mailbox_->request(fetch());
  }

  void take_items(const wire::Items& items) {
    for (const wire::Item& item : items.items) {
      if (item.sequence <= seen_) continue;
      seen_ = item.sequence;
      events_.on_message(account_.mailbox.open_item(item));
    }
    acknowledge();
  }

  // One at a time: what comes meanwhile is covered by the next.
  void acknowledge() {
    if (acknowledging_ || seen_ == acknowledged_) return;
    acknowledging_ = true;
    acknowledged_ = seen_;
    acknowledging_stream_ = mailbox_->request(wire::Acknowledge{seen_});
  }

  // The session for what is sent.
  Client& sender() {
    if (!sender_) {
      ClientEvents events;
      events.on_reply = [this](session::StreamId stream, const wire::Reply& reply) { sent(stream, reply); };
      sender_.emplace(server_.loop(), server_.random(), server_.home(), nullptr, std::move(events));
      sender_->connect(0);
    }
    return *sender_;
  }

  void sent(session::StreamId stream, const wire::Reply& reply) {
    if (const auto* many = std::get_if<wire::Delivered>(&reply)) {
      ASSERT(std::ranges::all_of(many->codes, [](uint16_t code) { return code == 0; }));
      const auto part = group_.find(stream);
      const bool last = part->second;
      group_.erase(part);
      if (last) events_.on_accepted(1);
    } else {
      events_.on_accepted(1);
    }
  }

  GodwitServer& server_;
  Account& account_;
  PersonEvents events_;
  std::optional<Client> mailbox_;
  std::optional<Client> sender_;
  std::map<session::StreamId, bool> group_;  // parts under way; true: the last of its message
  wire::Sequence seen_;
  wire::Sequence acknowledged_;
  bool acknowledging_ = false;
  bool ready_ = false;
  bool fetch_again_ = false;
  session::StreamId acknowledging_stream_{};
  session::StreamId fetching_{};
  int proofs_ = 0;
};

HomeSettings settings_of(int core) {
  HomeSettings settings;
  settings.core = core;
  // All of the people come from one address and at once: what protects a home from that is not what is measured.
  settings.keys = {{"handshakes_per_second", "1000000"}};
  return settings;
}

}  // namespace

GodwitServer::GodwitServer(net::EventLoop& loop, Random& random, int core)
    : loop_(loop), random_(random), home_("127.0.0.1", settings_of(core)) {}

Account& GodwitServer::account(size_t index) {
  while (accounts_.size() <= index) accounts_.push_back(std::make_unique<Account>(random_));
  return *accounts_[index];
}

std::unique_ptr<Person> GodwitServer::person(size_t index, PersonEvents events) {
  return std::make_unique<GodwitPerson>(*this, index, std::move(events));
}

}  // namespace godwit::bench::load
