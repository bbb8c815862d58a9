#include "bench/tun_wire.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "base/assert.h"
#include "bench/rates.h"

namespace godwit::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kHomeSide = 0;
constexpr int kClientSide = 1;
constexpr size_t kPacketSizeMax = 2048;  // above the MTU
constexpr size_t kNotNoted = SIZE_MAX;

std::string failure(const std::string& what) { return what + ": " + std::strerror(errno); }

// A namespace that this program may do everything in: for root as it is, for others below a user namespace of their own.
std::string enter_namespace() {
  if (::unshare(CLONE_NEWNET) == 0) return {};
  const uid_t user = ::geteuid();
  const gid_t group = ::getegid();
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return failure("no network namespace for us");
  std::ofstream("/proc/self/setgroups") << "deny";
  std::ofstream("/proc/self/uid_map") << "0 " << user << " 1";
  std::ofstream("/proc/self/gid_map") << "0 " << group << " 1";
  return {};
}

void set_address(ifreq& request, const char* address) {
  sockaddr_in ip{};
  ip.sin_family = AF_INET;
  ASSERT(::inet_pton(AF_INET, address, &ip.sin_addr) == 1);
  std::memcpy(&request.ifr_addr, &ip, sizeof ip);
}

bool configure(int socket, const char (&device)[IFNAMSIZ], const char* address) {
  ifreq request{};
  std::memcpy(request.ifr_name, device, IFNAMSIZ);
  set_address(request, address);
  if (::ioctl(socket, SIOCSIFADDR, &request) != 0) return false;
  set_address(request, "255.255.255.0");
  if (::ioctl(socket, SIOCSIFNETMASK, &request) != 0) return false;
  request.ifr_mtu = 1500;
  if (::ioctl(socket, SIOCSIFMTU, &request) != 0) return false;
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  return ::ioctl(socket, SIOCSIFFLAGS, &request) == 0;
}

// A new namespace's loopback is down; programs on one side that talk to each other need it.
bool raise_loopback(int socket) {
  ifreq request{};
  std::memcpy(request.ifr_name, "lo", sizeof "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  return ::ioctl(socket, SIOCSIFFLAGS, &request) == 0;
}

// A TUN device with `address` in the namespace that we are in; the descriptor stays bound to it.
std::string open_device(const char* address, int& device) {
  device = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (device < 0) return failure("/dev/net/tun");
  ifreq request{};
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  std::memcpy(request.ifr_name, "wire0", sizeof "wire0");
  if (::ioctl(device, TUNSETIFF, &request) != 0) return failure("cannot make a TUN device");
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const bool ok = socket >= 0 && configure(socket, request.ifr_name, address) && raise_loopback(socket);
  const std::string why = ok ? std::string() : failure("cannot give a TUN device its address");
  if (socket >= 0) ::close(socket);
  return why;
}

uint16_t u16(ByteView bytes, size_t at) { return static_cast<uint16_t>(bytes[at] << 8 | bytes[at + 1]); }
uint32_t u32(ByteView bytes, size_t at) { return static_cast<uint32_t>(u16(bytes, at)) << 16 | u16(bytes, at + 2); }

// Reads an IPv4 TCP packet; false: it is something else.
bool parse(ByteView bytes, bool from_client, Packet& packet) {
  constexpr uint8_t kTcp = 6;
  if (bytes.size() < 40 || bytes[0] >> 4 != 4 || bytes[9] != kTcp) return false;
  const size_t ip_header = (bytes[0] & 15U) * 4U;
  const size_t total = u16(bytes, 2);
  if (total > bytes.size() || ip_header + 20 > total) return false;
  const ByteView tcp = bytes.subspan(ip_header, total - ip_header);
  const size_t tcp_header = (tcp[12] >> 4U) * 4U;
  if (tcp_header > tcp.size()) return false;
  packet.from_client = from_client;
  packet.client_port = u16(tcp, from_client ? 0 : 2);
  packet.sequence = u32(tcp, 4);
  packet.flags = tcp[13];
  packet.size = total;
  packet.payload = to_bytes(tcp.subspan(tcp_header));
  return true;
}

}  // namespace

TunWire::~TunWire() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  for (const int side : sides_) {
    if (side >= 0) ::close(side);
  }
}

std::string TunWire::enter_home_side() {
  const std::string why = enter_namespace();
  return why.empty() ? open_device(kHomeAddress, sides_[kHomeSide]) : why;
}

std::string TunWire::enter_client_side() {
  if (::unshare(CLONE_NEWNET) != 0) return failure("no second network namespace for us");
  return open_device(kClientAddress, sides_[kClientSide]);
}

void TunWire::start(std::chrono::microseconds delay) {
  delay_ = delay;
  thread_ = std::thread([this] { carry(); });
}

void TunWire::carry() {
  while (!stopping_) {
    std::chrono::nanoseconds wait = std::chrono::milliseconds(20);
    if (!travelling_.empty())
      wait = std::min(wait, std::max(travelling_.front().due - Clock::now(), Clock::duration{}));
    const timespec timeout{0, static_cast<long>(wait.count())};
    pollfd polled[2] = {{sides_[0], POLLIN, 0}, {sides_[1], POLLIN, 0}};
    ::ppoll(polled, 2, &timeout, nullptr);
    for (int side = 0; side < 2; ++side) {
      if ((polled[side].revents & POLLIN) != 0) read_from(side);
    }
    deliver_due();
  }
}

void TunWire::read_from(int side) {
  uint8_t buffer[kPacketSizeMax];
  for (;;) {
    const ssize_t count = ::read(sides_[side], buffer, sizeof buffer);
    if (count <= 0) return;
    const ByteView bytes(buffer, static_cast<size_t>(count));
    if (bytes[0] >> 4 != 4) continue;  // IPv6 looks for its neighbours
    Travelling travelling{Clock::now() + delay_, sides_[1 - side], to_bytes(bytes), kNotNoted};
    note(bytes, side == kClientSide, travelling);
    travelling_.push_back(std::move(travelling));
  }
}

void TunWire::note(ByteView bytes, bool from_client, Travelling& travelling) {
  Packet packet;
  if (!parse(bytes, from_client, packet)) return;
  packet.sent_at = steady_seconds();
  const std::lock_guard lock(mutex_);
  travelling.number = taken_ + packets_.size();
  packets_.push_back(std::move(packet));
  last_passed_ = Clock::now();
}

void TunWire::deliver_due() {
  while (!travelling_.empty() && travelling_.front().due <= Clock::now()) {
    const Travelling travelling = std::move(travelling_.front());
    travelling_.pop_front();
    {
      const std::lock_guard lock(mutex_);
      if (travelling.number != kNotNoted && travelling.number >= taken_) {
        packets_[travelling.number - taken_].delivered_at = steady_seconds();
      }
    }
    ASSERT(::write(travelling.to, travelling.bytes.data(), travelling.bytes.size()) ==
           static_cast<ssize_t>(travelling.bytes.size()));
  }
}

std::vector<Packet> TunWire::take_packets(std::chrono::milliseconds quiet) {
  for (;;) {
    {
      const std::lock_guard lock(mutex_);
      if (Clock::now() - last_passed_ >= quiet) {
        taken_ += packets_.size();
        return std::exchange(packets_, {});
      }
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

}  // namespace godwit::bench
