#include "home/main_questions.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <thread>

#include "home/errors.h"
#include "home/main_status.h"

namespace godwit::home {
namespace {

namespace fs = std::filesystem;

// How often a running home's answer is looked for, and for how long.
constexpr auto kStep = std::chrono::milliseconds(20);
constexpr auto kPatience = std::chrono::seconds(60);
// From when a home has its store until it can be asked: it listens, and starts relays and transports.
constexpr auto kBeginning = std::chrono::seconds(20);

// What is asked; other files of the folder are nobody's to remove.
constexpr std::string_view kNames[] = {"audit", "backup", "calls", "remove", "sealed", "status"};
constexpr const char* kQuestion = "question";
constexpr const char* kAnswer = "answer";
constexpr const char* kBytes = "bytes";

std::string file_of(const Place& place, const std::string& name, const std::string& asker, const char* kind) {
  return place.file(std::string(name).append(".").append(asker).append(".").append(kind));
}

// What a file of this traffic is named after.
struct Named {
  std::string name;
  std::string asker;
  std::string kind;
};

std::optional<Named> named(const std::string& file) {
  const size_t last = file.rfind('.');
  const size_t first = last == 0 || last == std::string::npos ? std::string::npos : file.rfind('.', last - 1);
  if (first == std::string::npos) return std::nullopt;
  Named out{file.substr(0, first), file.substr(first + 1, last - first - 1), file.substr(last + 1)};
  const bool ours = std::ranges::find(kNames, out.name) != std::end(kNames) &&
                    (out.kind == kQuestion || out.kind == kAnswer || out.kind == kBytes);
  const bool number = !out.asker.empty() && out.asker.size() <= 9 &&
                      std::ranges::all_of(out.asker, [](char c) { return c >= '0' && c <= '9'; });
  return ours && number ? std::optional(std::move(out)) : std::nullopt;
}

// Of another user is alive as well.
bool is_alive(const std::string& asker) {
  pid_t number = 0;
  std::from_chars(asker.data(), asker.data() + asker.size(), number);
  return number > 0 && (::kill(number, 0) == 0 || errno != ESRCH);
}

template <typename Look>
void each_file(const Place& place, Look look) {
  std::error_code error;
  for (auto at = fs::directory_iterator(place.folder, error); !error && at != fs::directory_iterator();
       at.increment(error)) {
    const auto what = named(at->path().filename().string());
    if (what && !look(*what, at->path())) return;
  }
}

std::optional<std::string> wait_for(const std::string& path) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (std::chrono::steady_clock::now() < end) {
    if (fs::exists(path)) {
      auto answer = read_file(path);
      ::unlink(path.c_str());
      if (answer) return std::move(*answer);
    }
    std::this_thread::sleep_for(kStep);
  }
  return std::nullopt;
}

}  // namespace

std::string own_number() { return std::to_string(::getpid()); }

bool is_asked(const Place& place) {
  bool asked = false;
  each_file(place, [&](const Named& what, const fs::path&) {
    asked = what.kind == kQuestion && is_alive(what.asker);
    return !asked;
  });
  return asked;
}

std::optional<std::string> ask_running(const Place& place, const std::string& name, std::string_view question) {
  const auto running = read_running(place);
  if (!running || (running->port == 0 && name != "status")) return std::nullopt;  // a standby has nothing to say of the rest
  const std::string asked = file_of(place, name, own_number(), kQuestion);
  const std::string answered = file_of(place, name, own_number(), kAnswer);
  ::unlink(answered.c_str());  // of another process that had this number
  if (!write_file(asked, question, true)) return std::nullopt;
  auto answer = ::kill(running->pid, SIGHUP) == 0 ? wait_for(answered) : std::nullopt;
  ::unlink(asked.c_str());  // nobody waits for the answer any more
  if (answer && answer->empty()) answer.reset();
  return answer;
}

std::optional<std::string> ask_owner(const Place& place, const std::string& name, std::string_view question) {
  const auto end = std::chrono::steady_clock::now() + kBeginning;
  while (!running_home(place) && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(kStep);
  return ask_running(place, name, question);
}

std::optional<Question> take_question(const Place& place, const std::string& name, size_t size_max) {
  std::optional<Question> out;
  each_file(place, [&](const Named& what, const fs::path& path) {
    if (what.kind != kQuestion || what.name != name) return true;
    std::error_code error;
    const auto size = fs::file_size(path, error);
    auto text =
        !error && size <= size_max ? read_file(path.string()) : Result<std::string>(Error{kBadKeyFile, "too long"});
    ::unlink(path.c_str());
    if (text && is_alive(what.asker)) out = Question{what.asker, std::move(*text)};
    return !out.has_value();
  });
  return out;
}

Status answer_question(const Place& place, const std::string& name, const std::string& asker, std::string_view text) {
  const std::string path = file_of(place, name, asker, kAnswer);
  const Status written = write_file(path, text, true);
  if (!written) static_cast<void>(write_file(path, "", true));  // an empty file has room where its text has none: nobody waits in vain
  return written;
}

std::string audit_bytes_file(const Place& place, const std::string& asker) {
  return file_of(place, "audit", asker, kBytes);
}

void remove_left_over(const Place& place) {
  each_file(place, [](const Named& what, const fs::path& path) {
    if (!is_alive(what.asker)) ::unlink(path.c_str());
    return true;
  });
}

}  // namespace godwit::home
