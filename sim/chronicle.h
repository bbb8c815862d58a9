#pragma once
// What is known of a group from outside of it: what each epoch was like, and what was said and done, as the disks of those who
// spoke have it. From this follows who must have seen what, who may have, and who must not.

#include <map>
#include <optional>
#include <set>
#include <string>

#include "engine/group_notices.h"
#include "engine/records.h"
#include "store/client_store.h"

namespace godwit::sim {

/// A group in one epoch, as somebody who was in it then has told.
struct EpochSeen {
  std::map<engine::AccountId, engine::Role> roles;
  bool announcement_only = false;
  bool slow_mode = false;

  friend bool operator==(const EpochSeen&, const EpochSeen&) = default;
};

/// One thing that somebody has said or done.
struct Utterance {
  size_t device = 0;  ///< whose disk had it first
  engine::AccountId author;
  engine::MessageId id;
  engine::ContentKind kind{};
  std::string text;                         ///< of a text as it was said
  std::optional<engine::MessageId> target;  ///< to which it was done; none: it is a message itself
  bool takes_back = false;
  bool expires = false;
  uint64_t epoch = 0;              ///< in which its author was when he said it
  std::set<engine::AccountId> to;  ///< who was in then, as its author saw it
  std::set<uint64_t> encrypted;    ///< epochs in which it was encrypted
  bool cut_short = false;          ///< its author was out of the group before that
  bool parted = false;             ///< it was said in an epoch from which nobody went on
  std::optional<uint64_t> done{};  ///< the newest epoch of the world when the homes of all had it
};

/// What of one person is needed to follow what his disk says.
struct Speaker {
  size_t device = 0;
  engine::AccountId account;
  uint64_t epoch = 0;
  const engine::StorageKey* key = nullptr;
  bool off = false;  ///< where nobody follows: `epoch` is the last one of his that the others have had
};

/// See above.
class Chronicle {
 public:
  /// Whose group it is.
  void set_chat(const engine::ChatId& chat) { chat_ = chat; }
  /// Somebody in this epoch sees this. False: another one saw something else in it.
  bool see_epoch(uint64_t epoch, EpochSeen seen);
  /// What the disk of `speaker` has just taken.
  void see_stored(const Speaker& speaker, const std::vector<store::Change>& changes);

  /// The group goes on from this epoch in another way than was seen; `before`: from which it was first believed to. All that was seen is
  /// handed over, should it be the way after all.
  std::map<uint64_t, EpochSeen> part_at(uint64_t epoch, std::optional<uint64_t> before);
  /// It goes on in a way that was given up before; up to `common` the two were one.
  std::map<uint64_t, EpochSeen> go_back(std::map<uint64_t, EpochSeen> way, uint64_t common);
  /// This device is out of the group: what is on its way from it, or was called off just now, may reach some and not others.
  void cut_short(size_t device);
  /// This device is being thrown out: likewise, and so it is with all that it says from now on.
  void ends(size_t device) {
    cut_short(device);
    ended_.insert(device);
  }
  /// What this device has just done is done.
  void moved_on(size_t device) { just_done_.erase(device); }

  /// Whether this account was the only one at some time: what it says then goes out to nobody.
  bool was_alone(const engine::AccountId& account) const;
  /// The last epoch of which anything is known.
  uint64_t newest() const { return epochs_.empty() ? 0 : epochs_.rbegin()->first; }
  /// What is known of an epoch; null: nothing.
  const EpochSeen* epoch(uint64_t epoch) const;
  /// Epochs of which nothing is known.
  uint64_t unseen() const { return epochs_.empty() ? 0 : newest() + 1 - epochs_.size(); }
  /// All that was said and done.
  const std::map<engine::MessageId, Utterance>& said() const { return said_; }
  /// The messages among it, in the order in which they came about.
  const std::vector<engine::MessageId>& messages() const { return messages_; }

  /// True if `account` was in the group in all that is known of the epochs from `first` to `last`.
  bool in_throughout(const engine::AccountId& account, uint64_t first, uint64_t last) const;
  /// True if whoever was in the group all the time must have seen it: its author stayed until the homes of all had it, and in no epoch
  /// in which it was encrypted his words could have been held back.
  bool must_be_seen(const Utterance& utterance) const;
  /// True if nobody but its author may have seen it.
  bool must_not_be_seen(const Utterance& utterance) const;
  /// True if its author has been out since and more epochs have followed than are kept for late messages (kPastEpochsMax): whoever read the
  /// log first and took it in after that cannot open it, and has nobody to ask.
  bool may_come_too_late(const Utterance& utterance) const;
  /// True if somebody has set a timer, and lost the right to while some had not heard of it.
  bool is_timer_unsettled() const;
  /// True if something was done to the message that some have seen and others have not: an author went in the middle of it, or lost the
  /// right to speak.
  bool is_unsettled(const engine::MessageId& message) const { return unsettled_.contains(message); }
  /// True if its author or an admin has taken it back: who has not had it by then does not get it any more.
  bool is_taken_back(const engine::MessageId& message) const { return taken_back_.contains(message); }
  /// To be called once all is said: makes is_unsettled() and is_taken_back() right.
  void settle();

 private:
  enum class Right { kNone, kPerhaps, kFull };
  Right right_in(const Utterance& utterance, uint64_t epoch) const;
  void see_item(const Speaker& speaker, const Bytes& key, const engine::OutboxRecord& item);
  void see_again(Utterance& one, uint64_t encrypted);
  void part_said(uint64_t common);

  engine::ChatId chat_;
  std::map<uint64_t, EpochSeen> epochs_;
  std::map<uint64_t, EpochSeen> parted_;  // after the first parting: some of it may hold after all
  std::map<engine::MessageId, Utterance> said_;
  std::vector<engine::MessageId> messages_;
  std::map<std::pair<size_t, Bytes>, engine::MessageId> under_way_;  // by device and record
  std::map<size_t, std::vector<engine::MessageId>> just_done_;
  std::set<size_t> ended_;
  std::set<engine::MessageId> unsettled_;
  std::set<engine::MessageId> taken_back_;
};

}  // namespace godwit::sim
