#include "home/main_log.h"

#include <unistd.h>

#include <atomic>

#include "home/main.h"

namespace godwit::home {
namespace {

enum class Form : uint8_t { kForPeople, kText, kJson };
std::atomic<Form> form{Form::kForPeople};

}  // namespace

void begin_log(bool json) { form = json ? Form::kJson : Form::kText; }

bool log_has_begun() { return form != Form::kForPeople; }

void say(LogLevel level, std::string_view event, LogFields fields) {
  const std::string line = log_line(wall_clock(), level, event, fields, form == Form::kJson);
  // One write, so that no other line gets into it. Nobody can be told that it failed.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

void say(LogLevel level, std::string_view event, const Error& error, std::string text) {
  const std::string means = explanation_of(error);
  if (!text.empty() && !means.empty()) text += ": ";
  say(level, event, {{"error", error.code}, {"text", text + means}});
}

}  // namespace godwit::home
