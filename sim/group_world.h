#pragma once
// One seed, one group: up to fifty people at one or two homes, some with two devices, who do at random whatever can be done in a
// group, while programs and homes die and networks break. Then everything heals, and what all have seen is compared.

#include <deque>

#include "engine/log_move.h"
#include "sim/chronicle.h"
#include "sim/stage.h"

namespace godwit::sim {

/// What happened in one of these worlds.
struct GroupReport {
  std::string failure;  ///< empty: everything held
  uint64_t people = 0;
  uint64_t devices = 0;
  uint64_t epochs = 0;
  uint64_t epochs_unseen = 0;  ///< nobody was found in these
  uint64_t conflicts = 0;      ///< races for an epoch
  uint64_t came = 0;           ///< accounts that were let in while it lasted
  uint64_t went = 0;
  uint64_t messages = 0;
  uint64_t deeds = 0;      ///< what was done to messages
  uint64_t owed = 0;       ///< of both: those that everybody had to see
  uint64_t unsettled = 0;  ///< messages to which something was done that only some could see
  uint64_t pairs = 0;      ///< of a message and a device that had to have it, and had it
  uint64_t compared = 0;   ///< messages found the same, and done to in the same way, by two devices
  uint64_t too_late = 0;   ///< messages of somebody who is out, missing where the log was read before them
  uint64_t resends = 0;    ///< ciphertexts that did not open, and were asked for again
  uint64_t crashes_at_home = 0;
  uint64_t crashes_of_clients = 0;
  uint64_t crashes_at_operation = 0;
  uint64_t partitions = 0;
  uint64_t files = 0;        ///< fetched whole
  uint64_t disappeared = 0;  ///< pairs of a message that had to disappear and a device that has it no more
  uint64_t said_later = 0;   ///< messages that were written for later
  uint64_t moves = 0;        ///< of accounts to another home
  uint64_t linked = 0;       ///< devices, while the group lived
  uint64_t thrown_out = 0;   ///< likewise
  uint64_t logs_lost = 0;    ///< with their homes
  uint64_t logs_moved = 0;   ///< moves that were seen, those included that lost to another one
  uint64_t astray = 0;       ///< devices that had gone on where nobody followed
  Duration virtual_time;
  WeatherReport weather;

  friend bool operator==(const GroupReport&, const GroupReport&) = default;
};

/// See above.
class GroupWorld : public Stage {
 public:
  /// With `loses_home` the home where the group's log is goes for good in the middle of it, with everybody who lives there.
  GroupWorld(uint64_t seed, size_t people, bool loses_home = false);
  ~GroupWorld() override;

  /// Lives through it and checks it.
  GroupReport run();

 private:
  struct Person {
    std::string name;
    engine::AccountId account;
    std::vector<size_t> devices;
    std::vector<size_t> contacts;
    bool removes = false;  ///< one of his devices is thrown out, and no more changes
  };
  /// What was last heard of the group on one device.
  struct View {
    size_t person = 0;
    bool heard = false;   ///< in this life of its program
    bool changed = true;  ///< since it was asked
    bool member = false;
    uint64_t epoch = 0;
    uint64_t since = 0;  ///< the epoch in which it came, the last time
    std::set<engine::MessageId> shown;
    std::optional<wire::LogId> log;  ///< where the group's log is, for it
    bool astray = false;
    bool leaves = false;        ///< it was asked to
    bool asks_to_link = false;  ///< a new device waits for its word
    bool confirms = false;      ///< it will say yes to it
    bool fresh = false;         ///< it is to be linked, while the group lives
    bool may_go = false;        ///< it is to be thrown out
    bool apart = false;         ///< in the end it is no device of its account
    engine::DeviceId id;        ///< of one that may go
  };
  /// One message on one device.
  struct Held {
    std::string state;  ///< everything about it on which all have to agree
    uint64_t clock = 0;
    size_t place = 0;
    engine::Delivery delivery{};
    bool deleted = false;
  };
  using Holding = std::map<engine::MessageId, Held>;

  void moved(size_t device) override;
  void hear(size_t device);
  void heard_chats(size_t device, const std::vector<engine::ChatInfo>& chats);
  void heard_members(size_t device, const engine::Members& members);
  void count_changes(uint64_t epoch, const EpochSeen& seen);
  void on_notice(size_t device, const engine::Notice& notice);

  // group_gathering.cc: what comes before
  size_t new_device(size_t person, const std::string& name);
  void gather();
  void make_accounts();
  std::string home_link(size_t home);
  void link_devices();
  void meet(size_t inviter, size_t taker);
  void make_group();
  void let_in(size_t count);

  // lost_home.cc: the log's home goes for good
  void lose_log();
  void make_keeper();
  bool keeps_owning() const;
  void move_surely();
  void come_together();
  void bury_lost();
  void see_log(size_t device, const std::vector<store::Change>& changes);
  void see_move(size_t device, const engine::LogMove& move);
  bool is_on_branch(size_t device) const;
  bool is_unaware(size_t device) const;

  // group_devices.cc: devices that come and go
  bool is_apart(size_t device) const;
  void change_devices(size_t person);
  void offer_linking(size_t device);
  void confirm_linking(size_t device);
  void throw_out(size_t by, size_t device);
  void sort_out_devices();
  void check_thrown_out();

  // group_turns.cc: what happens, by chance
  void live();
  void live_for(size_t turns);
  void turn();
  void say();
  void do_to_message();
  void do_by_hand(size_t device, const engine::MessageId& message);
  void change_group();
  void change_settings(size_t device);
  void move_somebody();
  void add_somebody(size_t person);
  void answer_requests(size_t device);
  void go_wrong();
  void cut_some_off();
  void change_weather();
  std::optional<size_t> somebody(engine::Role at_least);
  std::optional<size_t> somebody_in();
  std::optional<engine::MessageId> some_message();
  engine::AccountId some_member();
  void give(size_t device, engine::Command command, const char* what);

  // group_deeds.cc: what is neither said nor done at once, and what must have come of it
  void say_otherwise(size_t device);
  void send_file(size_t device);
  void get_file(size_t device);
  void say_later(size_t device);
  void move_home(size_t device);
  void change_oneself(size_t device);
  void let_disappear();
  void check_deeds();
  void check_file(size_t device, const engine::MessageId& message, const std::string& name);

  // group_checkers.cc: what must hold in the end
  void settle();
  bool all_idle();
  void call_the_roll();
  void check();
  void check_members();
  void check_own_devices();
  void check_left_over(size_t device);
  std::string outbox_of(ClientParty& party) const;
  std::optional<Holding> read(size_t device);
  void check_line(size_t device, const engine::Message& message, std::set<engine::MessageId>& seen);
  void check_held(size_t device, const Holding& holding);
  void check_missing(size_t device, const Holding& holding);
  void check_same(const std::map<size_t, Holding>& all);
  bool has_been_in(size_t device, uint64_t epoch) const;
  std::string name_of(const engine::MessageId& message) const;

  void count_crashes();
  GroupReport report();

  std::vector<Person> people_;
  std::deque<View> views_;
  std::map<engine::AccountId, size_t> by_account_;
  engine::ChatId group_;
  Chronicle chronicle_;
  std::vector<std::string> links_;
  std::vector<wire::Alias> aliases_;  ///< of these
  uint64_t said_ = 0;
  uint64_t here_ = 0;
  std::map<engine::MessageId, std::string> lines_;  ///< Where each line stands, as whoever was asked first has it.
  bool loses_home_;
  bool nobody_goes_ = false;  ///< who is more than one Remove behind reaches nobody who would bring him back
  std::set<size_t> lost_people_;
  std::optional<size_t> keeper_;         ///< who stays an owner, so that somebody can remove those who are lost
  std::optional<engine::LogMove> move_;  ///< the one that all follow in the end, as far as is known
  uint64_t last_common_ = 0;             ///< the last epoch that was the same at the log that it leaves
  std::set<std::pair<wire::LogId, wire::LogId>> moves_seen_;
  std::map<wire::LogId, std::map<uint64_t, EpochSeen>>
      given_up_;                           ///< what was seen at logs to which nobody went any more
  std::map<wire::LogId, uint64_t> began_;  ///< the epochs from which the group went on at these
  std::set<engine::MessageId> files_;      ///< that were sent
  std::set<std::string> files_of_lost_;    ///< by people who are lost with their home
  GroupReport counted_;
};

}  // namespace godwit::sim
