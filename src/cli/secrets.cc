#include "cli/secrets.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/bytes.h"
#include "cli/errors.h"
#include "cli/files.h"

namespace godwit::cli {
namespace {

// One line from `descriptor`, without its end; nothing if the input ended before any byte or is too long.
std::optional<crypto::SecretBuffer> read_line(int descriptor) {
  crypto::SecretBuffer buffer(kPassphraseSizeMax);
  size_t size = 0;
  while (size < kPassphraseSizeMax) {
    const ssize_t count = ::read(descriptor, buffer.fill().data() + size, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0 && size == 0) return std::nullopt;
    if (count <= 0 || buffer.reveal()[size] == '\n') {
      if (size > 0 && buffer.reveal()[size - 1] == '\r') size -= 1;
      return crypto::SecretBuffer::copy_of(buffer.reveal().first(size));
    }
    size += 1;
  }
  return std::nullopt;
}

// Switches the echo of a terminal off as long as it lives.
class WithoutEcho {
 public:
  explicit WithoutEcho(int descriptor) : descriptor_(descriptor) {
    if (::tcgetattr(descriptor, &before_) != 0) return;
    changed_ = true;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= ICANON | ECHONL;
    ::tcsetattr(descriptor, TCSAFLUSH, &silent);
  }
  ~WithoutEcho() {
    if (changed_) ::tcsetattr(descriptor_, TCSAFLUSH, &before_);
  }
  WithoutEcho(const WithoutEcho&) = delete;
  WithoutEcho& operator=(const WithoutEcho&) = delete;

 private:
  int descriptor_;
  termios before_{};
  bool changed_ = false;
};

std::optional<crypto::SecretBuffer> ask(int terminal, std::string_view question) {
  if (!write_all(terminal, as_bytes(question))) return std::nullopt;
  const WithoutEcho silent(terminal);
  return read_line(terminal);
}

Result<crypto::SecretBuffer> ask_on_terminal(bool twice) {
  const Descriptor terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  REQUIRE(terminal.valid(), kNoPassphrase, "no terminal");
  auto first = ask(terminal.number(), twice ? "New passphrase: " : "Passphrase: ");
  REQUIRE(first.has_value(), kNoPassphrase, "the terminal gave none");
  if (!twice) return std::move(*first);
  const auto second = ask(terminal.number(), "The same once more: ");
  REQUIRE(second.has_value(), kNoPassphrase, "the terminal gave none");
  REQUIRE(crypto::equal_constant_time(first->reveal(), second->reveal()), kPassphrasesDiffer, "typed twice");
  return std::move(*first);
}

Result<crypto::Secret<32>> parse_key(ByteView text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) {
    text = text.first(text.size() - 1);
  }
  Bytes bytes;
  REQUIRE(text.size() == 64 && from_hex(as_text(text), bytes), kKeyFile, "a key file has 64 hexadecimal digits");
  auto key = crypto::Secret<32>::copy_of(bytes);
  crypto::wipe(bytes);
  return key;
}

}  // namespace

Result<crypto::SecretBuffer> obtain_passphrase(const SecretSources& sources, bool twice) {
  if (!sources.passphrase_file.empty()) {
    const Descriptor file(::open(sources.passphrase_file.c_str(), O_RDONLY | O_CLOEXEC));
    REQUIRE(file.valid(), kPassphraseFile, "it cannot be opened");
    auto line = read_line(file.number());
    REQUIRE(line.has_value(), kPassphraseFile, "it is empty or its first line too long");
    return std::move(*line);
  }
  if (const char* given = std::getenv("GODWIT_PASSPHRASE")) {
    return crypto::SecretBuffer::copy_of(as_bytes(given));
  }
  return ask_on_terminal(twice);
}

void forget_given_passphrase() {
  char* const given = std::getenv("GODWIT_PASSPHRASE");
  if (given == nullptr) return;
  crypto::wipe({reinterpret_cast<uint8_t*>(given), std::strlen(given)});
  ::unsetenv("GODWIT_PASSPHRASE");
}

Result<crypto::SecretBuffer> ask_secret(std::string_view question) {
  const Descriptor terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  REQUIRE(terminal.valid(), kNoPassphrase, "no terminal");
  auto secret = ask(terminal.number(), question);
  REQUIRE(secret.has_value(), kNoPassphrase, "the terminal gave none");
  return std::move(*secret);
}

Result<std::string> ask_terminal(std::string_view question) {
  const Descriptor terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  REQUIRE(terminal.valid() && write_all(terminal.number(), as_bytes(question)), kNotConfirmed, "no terminal");
  std::string out;
  char byte = 0;
  while (out.size() < 256 && ::read(terminal.number(), &byte, 1) == 1 && byte != '\n') out += byte;
  return out;
}

Result<crypto::Secret<32>> read_key_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  REQUIRE(file.valid(), kKeyFile, "it cannot be opened");
  const auto line = read_line(file.number());
  REQUIRE(line.has_value(), kKeyFile, "it is empty");
  return parse_key(line->reveal());
}

Result<crypto::Secret<32>> read_or_make_key_file(const std::string& path, Random& random) {
  struct stat found{};
  if (::stat(path.c_str(), &found) == 0) {
    auto key = read_key_file(path);
    REQUIRE(key.has_value(), kKeyFileExists, "a key file has 64 hexadecimal digits");
    return key;
  }
  auto key = crypto::Secret<32>::random(random);
  std::string text = to_hex(key.reveal()) + "\n";
  const Status written = write_new_file(path, as_bytes(text));
  crypto::wipe({reinterpret_cast<uint8_t*>(text.data()), text.size()});
  REQUIRE(written.has_value(), kKeyFile, "it cannot be made");
  return key;
}

}  // namespace godwit::cli
