#pragma once
// Which addresses a mailbox has: what addresses_max and stranger_addresses_max are checked against, so that whoever has all that he may have is
// refused without a look into the store, however often he asks. In memory only, counted out of the store when a mailbox first makes one; so
// there is nothing at rest that could drift. Not the limits themselves (address.cc), and not what an address says (records.h).

#include <map>
#include <set>
#include <vector>

#include "home/records.h"

namespace godwit::home {

/// The addresses of the mailboxes that made some lately, by their entries in the index.
class AddressCounts {
 public:
  /// Aliases remembered at most, of 16 bytes, with as much again where their number grows; and mailboxes. Others are forgotten, and counted
  /// again when they are needed.
  struct Bounds {
    size_t aliases = 500'000;
    size_t mailboxes = 20'000;
  };
  explicit AddressCounts(Bounds bounds) : bounds_(bounds) {}
  AddressCounts() : AddressCounts(Bounds{}) {}

  /// True if the mailbox has been counted.
  bool knows(const wire::MailboxId& mailbox) const;
  /// True if it is also known which of them are for strangers.
  bool knows_strangers(const wire::MailboxId& mailbox) const;
  /// True if it is counted and this is one of them.
  bool has(const wire::MailboxId& mailbox, const wire::Alias& alias) const;
  /// How many it has; 0 if it is not counted.
  size_t count(const wire::MailboxId& mailbox) const;
  /// How many of them are for strangers and not over on this day; 0 if that is not known.
  size_t strangers(const wire::MailboxId& mailbox, uint32_t today) const;
  /// All of them, sorted.
  std::vector<wire::Alias> aliases(const wire::MailboxId& mailbox) const;

  /// Starts counting a mailbox that is not known: everything in the index is to be looked up, then finish() called, or forget().
  void begin(const wire::MailboxId& mailbox);
  /// It had these, but for what was removed meanwhile; without effect if it was forgotten since begin().
  void finish(const wire::MailboxId& mailbox, std::vector<wire::Alias> aliases);
  /// It is known of each of them whether it is for strangers: add_stranger() was called for those that are.
  void finish_strangers(const wire::MailboxId& mailbox);
  /// The index has one more. Of a mailbox that is not known: nothing.
  void add(const wire::MailboxId& mailbox, const wire::Alias& alias);
  /// One of them is for strangers, until the end of this day (0: for good).
  void add_stranger(const wire::MailboxId& mailbox, const wire::Alias& alias, uint32_t expires_day);
  /// The index has it no more.
  void remove(const wire::MailboxId& mailbox, const wire::Alias& alias);
  /// What the index has is not certain any more, or the mailbox is gone: it is counted again when that is needed.
  void forget(const wire::MailboxId& mailbox);

  /// Aliases that are remembered.
  size_t size() const { return size_; }

 private:
  struct Mailbox {
    bool counting = false;  // between begin() and finish(): not to be evicted
    bool strangers_known = false;
    std::vector<wire::Alias> aliases;               // sorted
    std::set<wire::Alias> gone;                     // while counting
    std::map<wire::Alias, uint32_t> for_strangers;  // and the last day of each
  };
  using Mailboxes = std::map<wire::MailboxId, Mailbox>;

  const Mailbox* find(const wire::MailboxId& mailbox) const;
  Mailbox* find(const wire::MailboxId& mailbox);
  void erase(Mailboxes::iterator at);
  void make_room(size_t aliases, size_t mailboxes, const wire::MailboxId& but);

  const Bounds bounds_;
  Mailboxes mailboxes_;
  size_t size_ = 0;
  wire::MailboxId last_evicted_;
};

}  // namespace godwit::home
