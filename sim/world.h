#pragma once
// One seed, one world: three people, a home, a network, everything that can go wrong, and what must hold all the same.

#include <memory>
#include <string>
#include <vector>

#include "sim/client_party.h"
#include "sim/home_party.h"

namespace godwit::sim {

/// What happened in one world.
struct Report {
  std::string failure;                ///< empty: everything held
  uint64_t crashes_at_home = 0;       ///< before the last restart of everybody
  uint64_t crashes_of_clients = 0;    ///< as well
  uint64_t crashes_at_operation = 0;  ///< of both: at an operation on a store, the others between two
  uint64_t resumed = 0;               ///< reconnects by ticket
  uint64_t small = 0;                 ///< exchanges made on connections of their own, since others do not last
  bool blocked = false;               ///< the direct way was blocked at some time
  uint64_t conflicts = 0;             ///< races for an epoch
  uint64_t messages = 0;              ///< acknowledged to their senders, so they had to arrive
  uint64_t duplicates = 0;
  uint64_t resends = 0;
  uint64_t keys_gone = 0;  ///< ciphertexts that the profiles were proved unable to open again
  Duration virtual_time;
  WeatherReport weather;

  friend bool operator==(const Report&, const Report&) = default;
};

/// What one person has said to another, with what is known of it.
struct Said {
  std::string text;
  bool acknowledged = false;  ///< the engine said that it is safe
};

/// The three people, their home, and everything between them.
class World {
 public:
  static constexpr size_t kPeople = 3;

  explicit World(uint64_t seed);
  ~World();

  /// Lives through the whole script and checks it.
  Report run();
  /// Print what happens to stderr.
  void set_verbose(bool verbose) { verbose_ = verbose; }

 private:
  struct Pair {
    size_t a;
    size_t b;
    bool together = false;
    engine::ChatId chat;
    std::vector<Said> said[2];  // by a, by b
  };

  struct Group {
    bool together = false;
    engine::ChatId chat;
    std::vector<engine::AccountId> accounts;
    std::vector<Said> said[kPeople];
  };

  // the script, in its order
  void make_accounts();
  void meet(Pair& pair);
  void talk();
  void make_group();
  void talk_in_group();
  void race(Pair& pair);
  void reconnect();
  void settle();
  // its parts
  void say(Pair& pair, bool by_a);
  void say_to_all(size_t who);
  void change_group();
  engine::AccountId account_of(size_t who);
  std::optional<engine::ChatInfo> group_seen_by(size_t who);
  std::optional<engine::Members> members_seen_by(size_t who);
  void crash_somebody();
  void censor();
  void answer_all();
  bool new_account(ClientParty& person);
  std::optional<std::string> make_invite(ClientParty& person);
  bool add_contact(Pair& pair, const std::string& link);
  std::optional<Result<engine::Answer>> ask(ClientParty& person, engine::Command command);
  std::vector<engine::ChatInfo> chats_of(ClientParty& person);
  // the machine
  bool run_until(const std::function<bool()>& done, Duration patience);
  void pump_all();
  void revive();
  store::StoreFaults home_faults();
  store::ClientStoreFaults client_faults();
  std::string who_is_due();
  bool fail(std::string what);
  void log(const std::string& what);
  // the checkers
  void check_messages(Pair& pair);
  void check_direction(Pair& pair, bool by_a);
  void check_nothing_twice();
  void check_epochs(Pair& pair);
  void check_used_keys(Pair& pair);
  void check_group();
  void check_group_direction(size_t speaker, size_t listener);
  std::vector<std::string> history(ClientParty& person, engine::ChatId chat, bool own);
  std::string delivery_of(ClientParty& person, engine::ChatId chat, const std::string& text);
  Report report();
  void count_crashes();
  uint64_t epoch_conflicts() const;

  uint64_t seed_;
  crypto::SeededRandom random_;
  Clock clock_;
  Network network_;
  HomeParty home_;
  std::vector<std::unique_ptr<ClientParty>> people_;
  std::vector<Pair> pairs_;
  Group group_;
  std::string failure_;
  uint64_t said_ = 0;
  uint64_t keys_gone_ = 0;
  Report crashes_;  ///< of these the crashes alone, taken before settle()
  bool faults_ = false;
  bool blocked_ = false;
  bool reviving_ = false;
  bool verbose_ = false;
};

}  // namespace godwit::sim
