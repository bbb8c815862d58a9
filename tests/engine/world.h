#pragma once
// A small world for the engine's tests: one real home core, some people, pipes without delay, and a clock that jumps to
// whatever is due next. Everything is decided by the test; chance and weather are sim/'s.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>

#include "crypto/random_sources.h"
#include "engine/engine.h"
#include "home/home.h"
#include "mls/state_records.h"
#include "session/client_session.h"
#include "store/faulty_store.h"
#include "store/memory_client_store.h"
#include "wire/home_link.h"
#include "wire/replies.h"

namespace godwit::testworld {

class World;

/// One person with one device.
class Person {
 public:
  Person(World& world, size_t number, engine::Options options);

  /// Starts the program on whatever is on the disk.
  void start(store::ClientStoreFaults faults = {});
  /// The program ends, at once.
  void kill();
  bool alive() const { return engine_ != nullptr; }
  /// Gives a command; its answer is in answer().
  engine::CommandId give(engine::Command command);
  /// The answer to a command, if it has come.
  const Result<engine::Answer>* answer(engine::CommandId id) const;
  /// Gives a command and waits for its answer, or an hour.
  Result<engine::Answer> ask(engine::Command command);

  std::vector<engine::ChatInfo> chats();
  /// The chat; the only one.
  engine::ChatInfo chat();
  /// Texts in the history of the only chat: of one's own, or of the other.
  std::vector<std::string> texts(bool own);
  /// Messages of the only chat.
  std::vector<engine::Message> history();
  engine::MessageId say(const std::string& text);

  /// The host reports something.
  void report(engine::Event event) { handle(std::move(event)); }

  engine::Engine& engine() {
    stirred_ = true;
    return *engine_;
  }
  store::MemoryClientStore& store() { return *store_; }
  store::MemoryDisk& disk() { return disk_; }
  const engine::StorageKey& key() const { return key_; }
  /// What is on the disk of a chat's MLS state.
  mls::StateRecords group_records(const engine::ChatId& chat) const;
  /// What goes with an encoded content that this device says by hand: its signature, as the account on the disk makes it.
  Bytes proof_of(const engine::ChatId& chat, ByteView content) const;
  Instant now() const;

  /// The machine sleeps until wake_up(): the program does nothing, and what reaches the machine meanwhile reaches the program after.
  void fall_asleep() { asleep_ = true; }
  /// The program is given a command, then what came meanwhile, in its order, and does what was due after that, as a host may.
  void wake_up(engine::Command first);

  bool online = true;                       ///< False: pipes cannot be had.
  std::set<std::string> blocked;            ///< Hosts from which nothing comes back.
  std::map<std::string, size_t> curtained;  ///< Hosts whose pipes fall silent after so many packets.
  std::vector<routes::Route> dialled;       ///< Every dial so far.
  size_t largest_pipe = 0;                  ///< Packets on the busiest pipe of a curtained host.
  bool on_lan = true;         ///< On the one local network of this world, if its engine wants it.
  engine::LanWatch lan;       ///< What it wants there.
  std::vector<Bytes> lan_first;  ///< The first bytes of each connection that it has dialled there.
  size_t lan_dials = 0;
  std::function<void(Bytes&)> on_lan_bytes;  ///< Sees and may change what it sends there.
  Duration clock_error{};                   ///< Of this device.
  std::optional<engine::MailAccount> watched;                ///< The mailbox that is looked into.
  std::vector<engine::SendSealed> letters;                   ///< Every letter so far.
  std::vector<std::string> texts_asked;                      ///< Every URL that was asked for so far.
  std::function<void(const engine::SendSealed&)> on_letter;  ///< The mail.
  engine::Options options;
  std::vector<engine::Notice> notices;
  std::map<std::string, Bytes> files;        ///< Of this person's machine, by path.
  std::map<std::string, uint64_t> versions;  ///< Of these, as the system tells them.
  std::map<engine::MessageId, Bytes> parts;  ///< What is written of files that come in.
  size_t largest_write = 0;
  size_t bytes_received = 0;  ///< On all pipes so far.
  std::function<void(const engine::Effect&)> on_effect;  ///< May kill this person.
  uint64_t batches_ever = 0;
  std::function<void(const engine::StoreBatch&)> on_batch;

 private:
  friend class World;
  bool pump();
  void carry_out(engine::Effect effect);
  std::optional<engine::Event> do_file_work(const engine::Effect& effect);
  void handle(engine::Event event);
  void note(engine::Notice notice);

  World& world_;
  const size_t number_;
  crypto::SeededRandom random_;
  engine::StorageKey key_;
  store::MemoryDisk disk_;
  std::unique_ptr<store::MemoryClientStore> store_;
  std::unique_ptr<engine::Engine> engine_;
  // Most of a crowd sleep at any moment: whom nothing has reached is only looked at when his time has come.
  bool stirred_ = true;
  Instant due_{};
  bool asleep_ = false;
  std::deque<engine::Event> slept_;
  uint64_t life_ = 0;
  uint64_t next_command_ = 1;
  std::map<engine::CommandId, Result<engine::Answer>> answers_;
  std::map<engine::PipeId, home::PipeId> pipes_;
  // Counted as a box does: TCP, TLS and the upgrade, data in 1,400 bytes, and an acknowledgement for each piece.
  struct Curtain {
    size_t packets_max = 0;
    size_t packets = 8;
  };
  bool swallows(engine::PipeId pipe, size_t size);
  struct LanEnd {
    Person* other = nullptr;
    engine::LanId at_other;
    bool first = true;
  };
  void carry_out_lan(engine::Effect effect);
  std::map<engine::LanId, LanEnd> lan_ends_;
  std::map<engine::PipeId, Curtain> curtains_;
};

/// A second home, at a host of its own.
struct OtherHome {
  home::Keys keys;
  store::MemoryDisk disk;
  std::unique_ptr<store::FaultyStore> store;
  std::unique_ptr<home::Home> home;
};

/// What homes show to push services.
inline const wire::WebPushKey kWebPushKey = [] {
  wire::WebPushKey key;
  key.value.fill(4);
  return key;
}();

/// See above.
class World {
 public:
  explicit World(uint64_t seed = 1, home::Admission admission = home::Admission::kCode);
  ~World();

  Person& add(engine::Options options = {});
  /// Runs until `done`, or until `patience` of virtual time has passed; gives the last answer of `done`.
  bool run_until(const std::function<bool()>& done, Duration patience = hours(1));
  /// Runs until nobody has anything to do for a while.
  void settle();
  /// Lets time pass.
  void pass(Duration time);

  void start_home();
  void kill_home();
  /// A fresh home link.
  std::string home_link();
  /// A home of its own that is reached at `host`; once for each. Bob's is there if somebody says so before meet().
  home::Home& add_home(const std::string& host);
  /// A link to it.
  std::string home_link_at(const std::string& host);
  /// A sealed request comes to the home of this host (none: the first one) by some way; `answered` gets its reply.
  void bring_sealed(const std::string& host, Bytes sealed, std::function<void(const Result<Bytes>&)> answered);
  /// The taker of meet() lives here; empty: at the first home.
  std::string taker_home;
  /// What the first home shows to others, for forged and moved ones.
  const home::Keys& keys() const { return keys_; }
  /// How many sealed requests were passed on from home to home.
  size_t forwarded = 0;
  /// Endpoints to which homes have sent pushes so far, and what comes of each.
  std::vector<std::string> web_pushes;
  home::WebPushResult web_push_result{home::WebPushResult::Kind::kSent, {}};
  /// Hosts of homes to which no sealed request comes any more.
  std::set<std::string> lost;
  wire::HomeLink home_link_parts();
  /// Makes accounts, and a chat between the two: `taker` takes an invite of `inviter`.
  void meet(Person& inviter, Person& taker);
  /// What keeps the first home's bytes, or those of the one at `host`: for disks that are full.
  store::FaultyStore& home_store(const std::string& host = {});
  /// The disk under the home, for homes that lie.
  store::MemoryDisk& home_disk_to_change() { return disk_; }
  /// Cuts all pipes of a person.
  void cut(Person& person);
  /// The local network of these two breaks off.
  void cut_lan(Person& person);
  /// Somebody who is no person of this world dials `person` there, says `bytes`, and hears the answer.
  Bytes say_on_lan(Person& person, const Bytes& bytes);
  /// The home forgets an address, as after AddressRevoke by its owner.
  void forget_address(const wire::Alias& alias);
  /// Asks the home, or the one at `host`, something on an anonymous session of nobody.
  wire::Reply ask_home(const wire::Request& request, const std::string& host = {});

  Instant now{1'800'000'000'000};
  home::Home& home() { return *home_; }
  const store::MemoryDisk& home_disk() const { return disk_; }

 private:
  friend class Person;
  void pump();
  bool pump_home();
  bool dial_on_lan();
  Instant next_deadline() const;
  void later(std::function<void()> work) { queue_.push_back(std::move(work)); }
  home::PipeId open_pipe(Person* person, engine::PipeId pipe, const std::string& host = {});
  void close_pipe(home::PipeId pipe);
  home::Home* home_of(home::PipeId pipe);
  home::Home* home_named(const std::string& host);
  bool pump_one(home::Home& home, store::FaultyStore& store);
  void take_output(home::Home& home, home::Output output);

  struct End {
    Person* person;
    uint64_t life;
    engine::PipeId pipe;
    std::string host;
  };
  crypto::SeededRandom random_;
  const home::Admission admission_;
  home::Keys keys_;
  store::MemoryDisk disk_;
  std::unique_ptr<store::FaultyStore> store_;
  std::unique_ptr<home::Home> home_;
  std::vector<std::unique_ptr<Person>> people_;
  std::map<home::PipeId, End> ends_;
  std::map<home::PipeId, Bytes> loose_;  ///< What the home said on pipes of nobody.
  uint64_t next_pipe_ = 1;
  uint64_t next_lan_ = 1;
  std::map<engine::LanId, Bytes> lan_heard_;  ///< By nobody.
  std::map<std::string, OtherHome> others_;  ///< By host.
  std::map<std::pair<const home::Home*, home::SealedArrivalId>, std::function<void(const Result<Bytes>&)>> arrivals_;
  uint64_t next_arrival_ = 1;
  std::deque<std::function<void()>> queue_;
};

}  // namespace godwit::testworld
