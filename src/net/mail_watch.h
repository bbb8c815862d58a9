#pragma once
// One mailbox being watched: the thread that looks, and what it is told. For mail.cc only.

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "net/mail.h"

namespace godwit::net {

/// What the watcher hands to the loop's thread. Called on the watcher's own thread.
struct WatchReports {
  std::function<void(MailLetter)> on_letter;
  std::function<void(std::string message_id)> on_returned;
  std::function<void(Error)> on_trouble;
  std::function<void()> on_watching;
};

/// Looks into a mailbox from construction to destruction, which waits for the thread.
class MailWatch {
 public:
  MailWatch(MailAccount account, const MailOptions& options, LetterIds ids, std::unique_ptr<MailCurl> curl,
            WatchReports reports);
  ~MailWatch();
  MailWatch(const MailWatch&) = delete;
  MailWatch& operator=(const MailWatch&) = delete;

  /// As of MailCarrier. From any thread.
  void expect();
  /// The same.
  void finish(uint64_t letter, bool remove);

 private:
  void run();
  // Looks until something fails.
  Status watch_once();
  // One look. Gives how many new letters were there.
  Result<size_t> look(MailBox& box);
  Status examine(MailBox& box, const LetterSeen& seen);
  Status remove_finished(MailBox& box);
  bool is_full();
  // expect() was called since this was asked last.
  bool take_expecting();

  const MailAccount account_;
  const MailOptions options_;
  const LetterIds ids_;
  const std::unique_ptr<MailCurl> curl_;
  const WatchReports reports_;

  // Of the thread alone.
  uint32_t uid_validity_ = 0;
  uint32_t seen_ = 0;  // the highest UID that was looked at
  bool in_trouble_ = true;

  std::mutex mutex_;
  // Protected by the mutex:
  std::set<uint64_t> unfinished_;
  std::set<uint64_t> to_remove_;
  bool expecting_ = true;

  std::thread thread_;  // last: it uses all the others
};

}  // namespace godwit::net
