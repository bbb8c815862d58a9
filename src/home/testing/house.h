#pragma once
// A home on a disk in memory with real sessions around it, for tests: one thread, a clock that stands until it is moved.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "crypto/ed25519.h"
#include "crypto/random_sources.h"
#include "home/front.h"
#include "home/home.h"
#include "home/records.h"
#include "session/client_session.h"
#include "store/faulty_store.h"
#include "store/memory_store.h"
#include "wire/replies.h"

namespace godwit::home::testing {

/// One end of one session, and what it heard.
struct Client {
  Client(session::ClientSession its_session, PipeId its_pipe) : session(std::move(its_session)), pipe(its_pipe) {}
  session::ClientSession session;
  PipeId pipe;
  Front* front = nullptr;  // whose pipe it is; null: the home's
  std::optional<session::ClientEstablished> established;
  std::map<uint32_t, wire::Reply> replies;  // by stream
  std::map<uint32_t, uint16_t> errors;      // by stream: a number of session/errors.h
  std::vector<wire::Item> pushed;
  std::vector<wire::ChannelEntries> channel_pushes;
  std::vector<session::Ticket> tickets;
  bool ticket_refused = false;
  std::optional<session::Closed> closed;
};

/// A device: what opens or proves a mailbox.
struct Device {
  wire::MailboxId mailbox;
  crypto::Ed25519KeyPair key;
  wire::MailboxKey public_key() const { return wire::MailboxKey{key.public_key}; }
};

/// An address as its owner and his contact know it.
struct Address {
  wire::Alias alias;
  wire::Token token;
};

/// Cheap to open mailboxes in, small quotas as given.
Options test_options();

/// The home, its disk, and the clients' ends.
class House {
 public:
  explicit House(Options options = test_options(), uint64_t seed = 1);
  ~House();

  // ---- time and life
  Instant now() const { return now_; }
  /// Moves the clock and does what is due.
  void advance(Duration span);
  /// The home dies and another one starts on the same disk; all pipes are gone.
  void restart();
  /// The same, with other options or another store.
  void restart(Options options, store::StoreFaults faults = {});
  Home& home() { return *home_; }
  store::FaultyStore& store() { return *store_; }
  store::MemoryDisk& disk() { return disk_; }
  crypto::SeededRandom& random() { return random_; }
  const Keys& keys() const { return keys_; }
  /// What the home said about trouble of its store, oldest first: the name of the error, or "over".
  const std::vector<std::string>& troubles() const { return troubles_; }
  /// True once the home said Stop.
  std::optional<Error> stopped() const { return stopped_; }

  // ---- fronts: other homes of a cluster, before this one
  /// A front that is linked. If `dial` is null new clients dial it.
  Front& add_front();
  /// It is gone at once, with its pipes.
  void kill_front(Front& front);
  /// The home dies and another one starts on the same disk; fronts live on.
  void replace_home();
  /// Whom new clients dial; null: the home.
  Front* dial = nullptr;
  /// How often a packet between homes comes; as it should if empty.
  std::function<size_t(const SendFrontPacket&)> copies;
  /// The packets that were sent, if `keeps_packets`.
  std::vector<SendFrontPacket> packets;
  bool keeps_packets = false;
  /// A packet comes that nobody sent now.
  void bring_packet(const SendFrontPacket& packet);

  // ---- sessions
  /// Where new pipes come from.
  Bytes source;
  Client& connect();
  Client& resume(session::Ticket ticket, std::vector<Bytes> first_flight = {});
  /// The client's pipe breaks.
  void cut(Client& client);
  /// Hands over once what each side has to say. True: something moved.
  bool settle_once() { return move_bytes(); }
  /// Lets bytes flow until nothing moves.
  void settle();
  /// The same for a store that only carries things out when it is told (StoreFaults::sync_at_poll).
  void settle_slowly();

  // ---- requests
  /// Sends a request without waiting; its stream.
  uint32_t send(Client& client, const wire::Request& request);
  /// Sends it and gives the reply; a Refused with code 1 if there was none, the session's error if there was that.
  wire::Reply ask(Client& client, const wire::Request& request);
  /// Asks and gives the code of the refusal; 0 for any other reply.
  uint16_t code_of(Client& client, const wire::Request& request);

  // ---- sealed requests that come by another way
  /// Gives one to the home; what it answered.
  Result<Bytes> bring(Bytes sealed);
  /// What the home wants to have passed on, taken.
  std::vector<ForwardSealed> take_forwards() { return std::exchange(forwards_, {}); }
  /// Tells it what came of one.
  void forwarded(ForwardId forward, Result<Bytes> reply);

  // ---- Web Push
  /// What the home wants to have pushed, taken.
  std::vector<SendWebPush> take_web_pushes() { return std::exchange(web_pushes_, {}); }
  /// Tells it what came of one.
  void web_pushed(WebPushId push, const WebPushResult& result);

  // ---- what most tests begin with
  template <typename Id>
  Id random_id() {
    Id id;
    random_.fill(id.value);
    return id;
  }
  Device new_device(std::optional<wire::MailboxId> mailbox = {});
  Bytes new_code(uint16_t uses = 1, uint32_t expires_day = 0);
  wire::MailboxOpen open_request(Client& client, const Device& device, Bytes code);
  wire::MailboxProve prove_request(Client& client, const Device& device);
  /// A mailbox with one device and a session of it.
  Client& open_mailbox(const Device& device);
  /// A further session of a device.
  Client& prove(const Device& device);
  /// An address of the mailbox of `owner`.
  Address new_address(Client& owner, uint32_t expires_day = 0);
  wire::Deliver delivery(const Address& address, Bytes payload, uint32_t ttl_seconds = 86'400);

 private:
  struct FrontHere {
    std::unique_ptr<Front> front;
    bool linked = false;
  };
  void start(store::StoreFaults faults);
  Client& add_client(session::ClientSession session);
  void lose_pipes(const Front* front);
  void carry(const SendFrontPacket& packet);
  bool move_fronts();
  void give(const Front* front, const SendBytes& send);
  void close(const Front* front, const ClosePipe& close);
  Instant next_deadline() const;
  void handle_expiry();
  bool move_bytes();
  void hear(Client& client);

  Options options_;
  crypto::SeededRandom random_;
  Keys keys_;
  Instant now_{1'800'000'000'123};
  store::MemoryDisk disk_;
  std::unique_ptr<store::FaultyStore> store_;
  std::unique_ptr<Home> home_;
  std::vector<FrontHere> fronts_;
  std::deque<SendFrontPacket> carried_;  // on their way
  std::vector<std::unique_ptr<Client>> clients_;
  uint64_t next_pipe_ = 1;
  uint64_t next_arrival_ = 1;
  std::vector<ForwardSealed> forwards_;
  std::vector<SendWebPush> web_pushes_;
  std::map<SealedArrivalId, Result<Bytes>> sealed_answers_;
  std::optional<Error> stopped_;
  std::vector<std::string> troubles_;
};

/// SHA-256 of a token.
wire::TokenHash hash_of(const wire::Token& token);

}  // namespace godwit::home::testing
