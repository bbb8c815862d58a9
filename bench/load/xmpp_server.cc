#include "bench/load/xmpp_server.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <deque>

#include "base/assert.h"
#include "bench/load/peer_process.h"
#include "bench/load/xmpp.h"
#include "bench/load/xmpp_start.h"
#include "net/tls_socket.h"

namespace godwit::bench::load {
namespace {

constexpr std::string_view kPassword = "correct horse";

std::string user_of(size_t index) { return "u" + std::to_string(index); }
std::string room_of(size_t members) { return "g" + std::to_string(members); }

// One login. What it sends is asked about once at a time (<r/>), so that one answer covers what was sent meanwhile.
class Connection final : public net::TlsSocketUser, public std::enable_shared_from_this<Connection> {
 public:
  Connection(XmppServer& server, size_t index, const PersonEvents& events)
      : server_(server), user_(user_of(index)), events_(events), registers_(server.take_registration(index)) {}

  void dial() {
    asio::ip::tcp::socket socket(net::io_of(server_.loop()));
    socket.connect({asio::ip::address_v4::loopback(), server_.port()});
    auto tls = net::make_tls_client(std::string(xmpp::kDomain), server_.port(), {net::TlsTrust::Kind::kAny}, nullptr);
    ASSERT(tls.has_value());
    socket_ = net::TlsSocket::create(server_.loop(), std::move(socket), std::move(*tls), nullptr);
    socket_->start(weak_from_this());
  }
  void close() {
    closing_ = true;
    write(xmpp::acknowledgement(received_) + "</stream:stream>");  // else what has come would come again
    socket_->close_after_flush({});
  }

  void send(size_t to, ByteView payload) { write_counted(xmpp::message(user_of(to), payload), true); }
  void send_receipt(size_t to, ByteView payload) { write_counted(xmpp::receipt(user_of(to), payload), true); }
  void send_room(size_t members, ByteView payload) {
    if (room_.empty()) enter(members);
    write_counted(xmpp::room_message(room_, payload), false);
  }
  void join(size_t members) {
    joining_ = true;
    enter(members);
  }

  void on_secure() override { write(xmpp::stream_header()); }
  void on_plain(ByteView bytes) override {
    splitter_.add(bytes);
    while (!closing_) {
      const auto stanza = splitter_.next();
      if (!stanza) break;
      take(*stanza);
    }
  }
  void on_room() override {}
  void on_progress(bool) override {}
  void on_socket_closed(Error error) override {
    if (!closing_) fail(error.rule);
  }

 private:
  enum class Step { kConnected, kRegistering, kProving, kProved, kBinding, kEnabling, kReady };

  [[noreturn]] void fail(std::string_view why) const {
    std::fprintf(stderr, "bench_load: %s ended the stream of %s: %.*s\n", server_.name().c_str(), user_.c_str(),
                 static_cast<int>(why.size()), why.data());
    std::exit(1);
  }

  void write(std::string_view text) { socket_->write(as_bytes(text)); }
  // A stanza that the server counts (XEP-0198 §4); `told`: on_accepted follows when it has been.
  void write_counted(std::string_view stanza, bool told) {
    write(stanza);
    sent_.push_back(told);
    if (told) ask();
  }
  void ask() {
    if (std::exchange(asked_, true)) return;
    write("<r xmlns='urn:xmpp:sm:3'/>");
  }
  void enter(size_t members) {
    room_ = room_of(members);
    write_counted(xmpp::enter_room(room_, user_), false);
  }

  void take(const xmpp::Stanza& stanza) {
    const std::string_view name = stanza.name;
    if (name == "message" || name == "presence" || name == "iq") {
      ++received_;
      if (name == "message") take_message(stanza);
      if (name == "iq") take_reply(stanza);
      if (name == "presence" && xmpp::attribute(stanza.text, "type") == "error") fail(stanza.text);
    } else if (name == "r") {
      write(xmpp::acknowledgement(received_));
    } else if (name == "a") {
      take_count(stanza);
    } else if (name == "enabled") {
      received_ = 0;
      step_ = Step::kReady;
      events_.on_ready();
    } else if (name == "stream:features") {
      begin();
    } else if (name == "success" && step_ == Step::kProving) {
      step_ = Step::kProved;
      splitter_.restart();
      write(xmpp::stream_header());
    } else {
      fail(stanza.text);
    }
  }

  void begin() {
    if (step_ == Step::kProved) {
      step_ = Step::kBinding;
      write("<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
    } else if (registers_) {
      step_ = Step::kRegistering;
      write(xmpp::registration(user_, kPassword));
    } else {
      prove();
    }
  }
  void prove() {
    step_ = Step::kProving;
    write(xmpp::plain_auth(user_, kPassword));
  }

  void take_reply(const xmpp::Stanza& stanza) {
    if (step_ >= Step::kEnabling) return;  // servers may ask for things
    if (xmpp::attribute(stanza.text, "type") != "result") fail(stanza.text);
    if (step_ == Step::kRegistering) return prove();
    step_ = Step::kEnabling;
    write("<enable xmlns='urn:xmpp:sm:3'/>");
    write_counted("<presence/>", false);
  }

  void take_message(const xmpp::Stanza& stanza) {
    const std::string_view type = xmpp::attribute(stanza.text, "type");
    if (type == "error") fail(stanza.text);
    const Bytes payload = xmpp::payload_of(stanza);
    if (type != "groupchat") {
      if (!payload.empty()) events_.on_message(payload);
    } else if (payload.empty()) {
      if (std::exchange(joining_, false))
        events_.on_ready();  // the subject ends what a room says first (XEP-0045 §7.2.15)
    } else if (xmpp::attribute(stanza.text, "from").ends_with("/" + user_)) {
      events_.on_accepted(1);  // one's own message comes back in its place among all
    } else {
      events_.on_message(payload);
    }
  }

  void take_count(const xmpp::Stanza& stanza) {
    const auto count = static_cast<uint32_t>(std::strtoul(xmpp::attribute(stanza.text, "h").data(), nullptr, 10));
    asked_ = false;
    size_t told = 0;
    for (; counted_ != count; ++counted_) {
      ASSERT(!sent_.empty());
      if (sent_.front()) ++told;
      sent_.pop_front();
    }
    if (std::ranges::find(sent_, true) != sent_.end()) ask();
    if (told > 0) events_.on_accepted(told);
  }

  XmppServer& server_;
  std::string user_;
  const PersonEvents& events_;
  std::shared_ptr<net::TlsSocket> socket_;
  xmpp::Splitter splitter_;
  Step step_ = Step::kConnected;
  bool registers_;
  bool closing_ = false;
  uint32_t received_ = 0;  // stanzas since <enabled/>
  uint32_t counted_ = 0;   // of ours, by the server
  std::deque<bool> sent_;  // those behind; true: somebody waits for it to be counted
  bool asked_ = false;
  std::string room_;
  bool joining_ = false;
};

class XmppPerson final : public Person {
 public:
  XmppPerson(XmppServer& server, size_t index, PersonEvents events)
      : server_(server), index_(index), events_(std::move(events)) {}
  ~XmppPerson() override { close(); }

  void log_in(bool) override {
    close();
    connection_ = std::make_shared<Connection>(server_, index_, events_);
    connection_->dial();
  }
  void log_out() override { close(); }
  void send(size_t to, ByteView payload) override { connection_->send(to, payload); }
  void send_receipt(size_t to, ByteView payload) override { connection_->send_receipt(to, payload); }
  void send_group(size_t members, ByteView payload) override { connection_->send_room(members, payload); }
  void join_group(size_t members) override { connection_->join(members); }

 private:
  void close() {
    if (connection_) connection_->close();
    connection_.reset();
  }

  XmppServer& server_;
  size_t index_;
  PersonEvents events_;
  std::shared_ptr<Connection> connection_;
};

}  // namespace

XmppServer::XmppServer(net::EventLoop& loop, XmppKind kind, int core, std::string& why)
    : loop_(loop), name_(kind == XmppKind::kEjabberd ? "ejabberd" : "prosody"), port_(free_port(loop)) {
  write_certificate(loop, folder_.path(), std::string(xmpp::kDomain));
  const auto start = kind == XmppKind::kEjabberd ? start_ejabberd : start_prosody;
  process_ = start(folder_.path(), port_, core, why);
  if (why.empty() && !listens(loop, process_, port_)) why = name_ + " does not listen";
}

XmppServer::~XmppServer() { kill_child(process_); }

bool XmppServer::take_registration(size_t index) {
  if (registered_.size() <= index) registered_.resize(index + 1);
  const bool was = registered_[index];
  registered_[index] = true;
  return !was;
}

std::unique_ptr<Person> XmppServer::person(size_t index, PersonEvents events) {
  return std::make_unique<XmppPerson>(*this, index, std::move(events));
}

}  // namespace godwit::bench::load
