#pragma once
// What programs ask of the program around the engine: reading and writing whole chats. Each is done after the other, between two runs of
// the loop, and lets the loop run while it waits for the engine: others are answered meanwhile.

#include <deque>
#include <functional>
#include <string>

#include "api/program_shapes.h"
#include "base/random.h"
#include "base/result.h"
#include "cli/client.h"
#include "cli/web_lock.h"

namespace godwit::cli {

/// Jobs that wait.
class ProgramJobs {
 public:
  /// Takes what came of a job.
  using Finish = std::function<void(const Result<api::ProgramAnswer>&)>;
  /// Takes how far it is.
  using Tell = std::function<void(const api::ProgramNotice&)>;

  /// `profile`: its folder. `random` must outlive it.
  ProgramJobs(std::string profile, Random& random) : profile_(std::move(profile)), random_(random) {}
  /// Whose chats are read and written from now on; null: nobody's, the profile is closed. Those that wait then are answered kLocked.
  void attach(Client* client);
  /// Where there is a lock, which must outlive this.
  void set_lock(WebLock& lock) { lock_ = &lock; }
  /// Adds one; it begins with do_next(). What only looks at the lock, closes it or says that somebody is there is done at once: it does not
  /// wait for those before it, and one that runs ends when the lock is wanted (kLocked).
  void add(api::ProgramCommand command, Finish finish, Tell tell);
  /// True if one waits.
  bool waiting() const { return !jobs_.empty(); }
  /// Does the first of them, to its end. Not from inside a callback of the loop. One must wait.
  void do_next();

 private:
  struct Job {
    api::ProgramCommand command;
    Finish finish;
    Tell tell;
  };
  Result<api::ProgramAnswer> carry_out(const api::ImportChat& command, const Tell& tell);
  Result<api::ProgramAnswer> carry_out(const api::ExportChat& command, const Tell& tell);
  Result<api::ProgramAnswer> carry_out(api::ArchiveChats& command, const Tell& tell);
  Result<api::ProgramAnswer> carry_out(api::RestoreChats& command, const Tell& tell);
  Result<api::ProgramAnswer> carry_out(const api::LookForHome& command, const Tell& tell);

  // The lock's.
  template <typename Command>
    requires requires(WebLock& lock, Command& command) { lock.carry_out(command); }
  Result<api::ProgramAnswer> carry_out(Command& command, const Tell& tell);

  bool is_at_once(const api::ProgramCommand& command) const;

  Client* client_ = nullptr;
  WebLock* lock_ = nullptr;
  std::string profile_;
  Random& random_;
  std::deque<Job> jobs_;
};

}  // namespace godwit::cli
