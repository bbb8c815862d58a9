#include "lab/censor/tun.h"

#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace godwit::lab {
namespace {

constexpr const char* kDeviceName = "wire0";
constexpr size_t kPacketMax = 65536;

std::string failure(const std::string& what) { return what + ": " + std::strerror(errno); }

/// Opens the device in the current namespace; -1, and then `wrong` says why.
int open_here(std::string& wrong) {
  const int descriptor = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) {
    wrong = failure("/dev/net/tun");
    return -1;
  }
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  std::strncpy(request.ifr_name, kDeviceName, IFNAMSIZ - 1);
  if (ioctl(descriptor, TUNSETIFF, &request) != 0) {
    wrong = failure(std::string("making the device ") + kDeviceName);
    ::close(descriptor);
    return -1;
  }
  return descriptor;
}

}  // namespace

Tun::~Tun() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Tun::Tun(Tun&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

std::string Tun::open(const std::string& netns) {
  const std::string path = netns.find('/') == std::string::npos ? "/run/netns/" + netns : netns;
  const int own = ::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  if (own < 0) return failure("/proc/self/ns/net");
  std::string wrong;
  const int target = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (target < 0) {
    wrong = failure(path);
  } else {
    if (setns(target, CLONE_NEWNET) != 0) {
      wrong = failure("entering " + path);
    } else {
      descriptor_ = open_here(wrong);
      if (setns(own, CLONE_NEWNET) != 0 && wrong.empty()) wrong = failure("leaving " + path);
    }
    ::close(target);
  }
  ::close(own);
  return wrong;
}

bool Tun::read(Bytes& out) {
  static thread_local std::array<uint8_t, kPacketMax> buffer;
  const ssize_t size = ::read(descriptor_, buffer.data(), buffer.size());
  if (size <= 0) return false;
  out.assign(buffer.begin(), buffer.begin() + size);
  return true;
}

bool Tun::write(ByteView packet) { return ::write(descriptor_, packet.data(), packet.size()) >= 0; }

}  // namespace godwit::lab
