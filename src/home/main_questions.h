#pragma once
// What commands ask the home that runs on a folder: files in it, and SIGHUP. Each file bears the number of the process that asks, so that
// several may ask at once, and what one that has died left is known as such and goes.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "home/main.h"

namespace godwit::home {

/// A question is not read if it is longer, unless its reader says otherwise.
inline constexpr size_t kQuestionSizeMax = 64 * 1024;

/// One question, taken out of the folder by the running home.
struct Question {
  std::string asker;  ///< the number of the process that asks
  std::string text;
};

/// The question "calls" of who has changed their keys: they are read first.
inline constexpr std::string_view kApplyCalls = "apply\n";

/// How the answer to "audit" begins if the store could not be read; the error's name follows.
inline constexpr std::string_view kAuditFailed = "FAILED: ";

/// True if somebody asks something: then SIGHUP was his, and no settings of calls are read anew.
bool is_asked(const Place& place);
/// Asks the home that runs on this folder, and waits for a minute; nothing if none does, or it does not answer: then what it has
/// not begun by now is not done later. `name` is "audit" (AuditQuestion as text: the mailbox in hexadecimal, "mailboxes", or nothing; the answer is
/// audit_line, a newline, audit_table, and its bytes stand in audit_bytes_file), "backup", "calls", "status", "sealed" (main_sealed.h) or
/// "remove" (the kind, a blank, the id).
std::optional<std::string> ask_running(const Place& place, const std::string& name, std::string_view question);

/// The same of whoever has this folder's store open: it may have begun only just, and is waited for until it can be asked.
std::optional<std::string> ask_owner(const Place& place, const std::string& name, std::string_view question);

/// For the running home: a question of that name, removed from the folder. Nothing: nobody who still lives asks. What is longer than
/// `size_max` is thrown away.
std::optional<Question> take_question(const Place& place, const std::string& name, size_t size_max = kQuestionSizeMax);
/// Its answer, not empty. kBadKeyFile: it cannot be written; its asker is told that no answer came, at once if an empty file can be made.
Status answer_question(const Place& place, const std::string& name, const std::string& asker, std::string_view text);

/// Where the bytes of an audit stand beside its answer, until they are printed: there may be many.
std::string audit_bytes_file(const Place& place, const std::string& asker);
/// This process as one that asks.
std::string own_number();
/// Removes questions, answers and bytes of processes that are no more.
void remove_left_over(const Place& place);

}  // namespace godwit::home
