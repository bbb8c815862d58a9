#pragma once
// One MLS group of thousands: what its members do in weeks, without the network between them. The log of a home keeps
// the first commit for each epoch; some members look at it all the time, most come by once in weeks.

#include <deque>
#include <map>
#include <memory>
#include <string>

#include "crypto/random_sources.h"
#include "mls/first_commit.h"
#include "mls/group.h"
#include "mls/past_epochs.h"

namespace godwit::sim {

/// What kind of crowd.
struct CrowdOptions {
  uint64_t seed = 1;
  uint32_t members = 2000;    ///< To which it grows before the rounds begin.
  uint32_t batch = 250;       ///< Who are added by one commit while it grows.
  uint32_t awake = 12;        ///< Who look at the log in every round.
  uint32_t rounds = 40;       ///< Of about a day each.
  uint32_t hybrid_up_to = 0;  ///< Leaves up to which the group has the hybrid suite; it moves on by a ReInit.
  bool verbose = false;
};

/// What it came to; `failure` is empty if all went well.
struct CrowdReport {
  std::string failure;
  uint64_t epochs = 0;
  uint64_t members_most = 0;
  uint64_t added = 0;
  uint64_t removed = 0;
  uint64_t races = 0;          ///< Epochs for which several commits were made.
  uint64_t by_reference = 0;   ///< Proposals sent before the commit that took them in.
  uint64_t early_commits = 0;  ///< First commits of joiners who drew to go early.
  uint64_t first_commits = 0;  ///< Those of others: before their first message, or after a week.
  uint64_t lost_commits = 0;   ///< Shown to somebody when another one had won the epoch.
  uint64_t woken = 0;          ///< Members who read what they had missed.
  uint64_t missed_most = 0;    ///< The most epochs that one of them had missed.
  uint64_t messages = 0;       ///< Opened by somebody else, in order or not, some in the epoch after.
  uint64_t reinits = 0;
  uint64_t compared = 0;  ///< Members whose end state was compared.
};

/// See above.
class Crowd {
 public:
  explicit Crowd(const CrowdOptions& options) : options_(options), random_(options.seed) {}
  /// Lives through all of it.
  CrowdReport run();

 private:
  using PersonId = size_t;
  /// What the log has of one epoch.
  struct Entry {
    std::vector<Bytes> proposals;
    Bytes commit;
    std::map<mls::KeyPackageRef, Bytes> welcomes;  // each with its joiner's secrets alone
    std::shared_ptr<const Bytes> tree;             // what the joiners take by reference
    bool follows_reinit = false;                   // nothing but Welcomes into the group that the last one goes on as
  };
  /// Somebody, in the group or not any more.
  struct Person {
    std::string name;
    std::vector<mls::KeyPackagePrivate> packages;  // one for each suite
    size_t joined_by = 0;                          // the entry that added him
    size_t read = 0;                               // entries that he has processed
    size_t proposals_seen = 0;                     // of the epoch that runs
    std::optional<mls::Group> group;               // while awake
    mls::PastEpochs past;                          // while awake
    mls::StateRecords disk;
    bool ever_awake = false;
    bool removed = false;        // by a commit that the log has
    bool knows_removed = false;  // and he has seen it
    bool committed = false;
    mls::FirstCommit first_commit;
    Instant asleep_until{};
  };
  /// A message on its way.
  struct Letter {
    PersonId to;
    Bytes message;
    Bytes text;
  };

  // crowd.cc
  bool fail(const std::string& what);
  bool failed() const { return !report_.failure.empty(); }
  void grow();
  void round();
  void converge();
  void compare(PersonId id, const mls::Group& with);
  std::vector<PersonId> awake() const;
  std::vector<PersonId> asleep() const;
  void send_to_bed();
  void wake_somebody();

  // crowd_members.cc
  PersonId born();
  mls::LeafParameters leaf_of(const std::string& name);
  const mls::KeyPackagePrivate& package_of(PersonId id, const mls::CipherSuite& suite) const;
  mls::KeyPackage published_by(PersonId id, const mls::CipherSuite& suite);
  void found();
  bool wake(PersonId id);
  bool join(PersonId id);
  bool follow_reinit(PersonId id, const Entry& entry);
  bool catch_up(PersonId id);
  bool take_in_proposals(PersonId id, const std::vector<Bytes>& proposals);
  void adopt(Person& person, std::optional<mls::Group> successor);
  void sleep(PersonId id);

  // crowd_commits.cc
  Entry entry_of(const mls::StagedCommit& staged) const;
  void accept(PersonId winner, mls::StagedCommit staged, const std::vector<PersonId>& newcomers);
  void add_batch(PersonId committer, uint32_t count);
  void race(const std::vector<PersonId>& racers);
  mls::CommitRequest draw_request(PersonId id, std::vector<PersonId>& newcomers);
  void commit_first();
  bool make_first_commit(PersonId id);
  void propose();
  void move_on(PersonId committer);
  void talk();
  void deliver(const Letter& letter);

  CrowdOptions options_;
  crypto::SeededRandom random_;
  CrowdReport report_;
  const mls::CipherSuite* suite_ = nullptr;
  Instant now_{1'750'000'000'000};
  std::deque<Person> people_;
  std::map<Bytes, PersonId> by_identity_;
  std::vector<Entry> log_;
  std::vector<Bytes> proposals_;  // of the epoch that runs
  std::vector<Letter> late_;      // to be delivered in the next round
};

}  // namespace godwit::sim
