#pragma once
// What is to be changed about a group: kept until the log has it or it makes no sense any more, however often somebody else's
// commit wins meanwhile.

#include "engine/machine.h"

namespace godwit::engine {

/// What a commit shall do for the wishes of a group.
struct Plan {
  /// One who is let in.
  struct Joiner {
    AccountId account;
    wire::Alias alias;
    crypto::Secret<32> key;  ///< Seals his welcome.
    mls::KeyPackageRef package;
  };
  mls::CommitRequest request;
  std::vector<uint64_t> intents;
  std::vector<Joiner> joiners;
  size_t package_bytes = 0;  ///< Of these.
};

/// Wants a change; `command` (0: nobody) is answered when it is made or makes no sense any more.
void want_change(Machine& m, Chat& chat, IntentRecord intent, CommandId command);
/// Whether we may make a change and it still makes sense. kNotAllowed, kNoSuchMember, kLastOwner, kOvertaken, kGroupFull.
Status check_intent(const Machine& m, const Chat& chat, const IntentRecord& intent);
/// True if a commit could do something of what is wanted.
bool has_ready_intents(const Chat& chat);
/// What the next commit shall do; with `only`, of what is wanted this alone. What makes no sense any more is forgotten and its
/// commands fail.
Plan plan_commit(Machine& m, Chat& chat, std::optional<uint64_t> only = std::nullopt);
/// These are done, or failed with `error`.
void settle_intents(Machine& m, Chat& chat, const std::vector<uint64_t>& intents, std::optional<Error> error);
/// The welcomes of a staged commit, sealed. kNoCommit: it adds somebody who is not in the plan.
Result<std::vector<StagedWelcome>> seal_welcomes(Machine& m, const Chat& chat, const Plan& plan,
                                                 const mls::StagedCommit& staged);

}  // namespace godwit::engine
