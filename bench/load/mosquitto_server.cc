#include "bench/load/mosquitto_server.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "bench/load/mqtt.h"
#include "bench/load/peer_process.h"
#include "net/tls_socket.h"

namespace godwit::bench::load {
namespace {

constexpr const char* kProgram = "/usr/sbin/mosquitto";

// One connection: a client with a session that lasts.
class Connection final : public net::TlsSocketUser, public std::enable_shared_from_this<Connection> {
 public:
  Connection(MosquittoServer& server, std::string name, const PersonEvents& events)
      : server_(server), name_(std::move(name)), events_(events) {}

  void dial(net::TlsTickets* tickets) {
    asio::ip::tcp::socket socket(net::io_of(server_.loop()));
    socket.connect({asio::ip::address_v4::loopback(), server_.port()});
    auto tls = net::make_tls_client("127.0.0.1", server_.port(), {net::TlsTrust::Kind::kAny}, tickets);
    ASSERT(tls.has_value());
    socket_ = net::TlsSocket::create(server_.loop(), std::move(socket), std::move(*tls), nullptr);
    socket_->start(weak_from_this());
  }
  void write(const Bytes& packet) { socket_->write(packet); }
  void subscribe(const std::string& topic) { write(mqtt::subscribe(next_id(), topic)); }
  void publish(const std::string& topic, ByteView payload) { write(mqtt::publish(next_id(), topic, payload)); }
  void close() {
    closing_ = true;
    write(mqtt::disconnect());
    socket_->close_after_flush({});
  }

  void on_secure() override { write(mqtt::connect(name_)); }
  void on_plain(ByteView bytes) override {
    append(input_, bytes);
    ByteView left = input_;
    mqtt::Packet packet;
    while (!closing_ && mqtt::next_packet(left, packet)) take(packet);
    input_.erase(input_.begin(), input_.end() - static_cast<ptrdiff_t>(left.size()));
  }
  void on_room() override {}
  void on_progress(bool) override {}
  void on_socket_closed(Error error) override {
    if (closing_) return;
    std::fprintf(stderr, "bench_load: mosquitto closed a connection (%s)\n", error.rule);
    std::exit(1);
  }

 private:
  uint16_t next_id() {
    if (++id_ == 0) ++id_;
    return id_;
  }

  void take(const mqtt::Packet& packet) {
    if (packet.kind == mqtt::Kind::kConnAck) {
      ASSERT(packet.body.size() == 2 && packet.body[1] == 0);
      subscribe("m/" + name_);
    } else if (packet.kind == mqtt::Kind::kSubAck) {
      events_.on_ready();
    } else if (packet.kind == mqtt::Kind::kPubAck) {
      events_.on_accepted(1);
    } else if (packet.kind == mqtt::Kind::kPublish) {
      uint16_t id = 0;
      const ByteView payload = mqtt::open_publish(packet, id);
      write(mqtt::acknowledge(id));
      events_.on_message(payload);
    }
  }

  MosquittoServer& server_;
  std::string name_;
  const PersonEvents& events_;
  std::shared_ptr<net::TlsSocket> socket_;
  Bytes input_;
  uint16_t id_ = 0;
  bool closing_ = false;
};

class MosquittoPerson final : public Person {
 public:
  MosquittoPerson(MosquittoServer& server, size_t index, PersonEvents events)
      : server_(server), index_(index), events_(std::move(events)) {}
  ~MosquittoPerson() override { close(); }

  // The first login of an account brings tickets for those that follow.
  void log_in(bool again) override {
    close();
    net::TlsTickets& tickets = server_.tickets(index_);
    if (!again) static_cast<void>(tickets.import_bytes(net::TlsTickets().export_bytes()));
    connection_ = std::make_shared<Connection>(server_, "u" + std::to_string(index_), events_);
    connection_->dial(&tickets);
  }
  void log_out() override { close(); }
  void send(size_t to, ByteView payload) override { connection_->publish("m/u" + std::to_string(to), payload); }
  void send_group(size_t members, ByteView payload) override {
    connection_->publish("g/" + std::to_string(members), payload);
  }
  void join_group(size_t members) override { connection_->subscribe("g/" + std::to_string(members)); }

 private:
  void close() {
    if (connection_) connection_->close();
    connection_.reset();
  }

  MosquittoServer& server_;
  size_t index_;
  PersonEvents events_;
  std::shared_ptr<Connection> connection_;
};

}  // namespace

MosquittoServer::MosquittoServer(net::EventLoop& loop, int core, std::string& why) : loop_(loop) {
  if (::access(kProgram, X_OK) != 0) {
    why = "mosquitto is not installed (bench/load/install_peer mosquitto)";
    return;
  }
  const std::string folder = folder_.path();
  write_certificate(loop, folder, "127.0.0.1");
  port_ = free_port(loop);
  std::ofstream config(folder + "/mosquitto.conf");
  config << "listener " << port_ << " 127.0.0.1\n"
         << "certfile " << folder << "/cert.pem\nkeyfile " << folder << "/key.pem\ntls_version tlsv1.3\n"
         << "allow_anonymous true\nuser root\npersistence true\npersistence_location " << folder
         << "/\n"
         // What QoS 1 promises without bounds that would drop messages of these scenes.
         << "max_queued_messages 0\nmax_inflight_messages 0\nset_tcp_nodelay true\nlog_type none\n";
  config.close();
  process_ = start_child(kProgram, {"-c", folder + "/mosquitto.conf"}, Hints::kHidden, core);
  if (!listens(loop, process_, port_)) why = "mosquitto does not listen";
}

MosquittoServer::~MosquittoServer() { kill_child(process_); }

net::TlsTickets& MosquittoServer::tickets(size_t index) {
  while (tickets_.size() <= index) tickets_.push_back(std::make_unique<net::TlsTickets>());
  return *tickets_[index];
}

std::unique_ptr<Person> MosquittoServer::person(size_t index, PersonEvents events) {
  return std::make_unique<MosquittoPerson>(*this, index, std::move(events));
}

}  // namespace godwit::bench::load
