// Put before a program's other libraries (LD_PRELOAD): whatever asks which addresses this machine has is told of one alone, that in the
// environment, and not that it is a loopback one. Janus offers every address but those of loopback, and cannot be told otherwise; so it
// has one of loopback, and no other. Built apart, with nothing of Godwit in it.

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

namespace {

struct One {
  ifaddrs entry;
  sockaddr_in address;
  sockaddr_in mask;
  char name[8];
};

}  // namespace

extern "C" __attribute__((visibility("default"))) int getifaddrs(ifaddrs** out) {
  const char* text = getenv("GODWIT_ONLY_ADDRESS");
  auto* one = static_cast<One*>(calloc(1, sizeof(One)));
  if (one == nullptr || text == nullptr || inet_pton(AF_INET, text, &one->address.sin_addr) != 1) {
    free(one);
    return -1;
  }
  memcpy(one->name, "unit", 5);
  one->address.sin_family = one->mask.sin_family = AF_INET;
  one->mask.sin_addr.s_addr = 0xffffffff;
  one->entry.ifa_name = one->name;
  one->entry.ifa_flags = IFF_UP | IFF_RUNNING;
  one->entry.ifa_addr = reinterpret_cast<sockaddr*>(&one->address);
  one->entry.ifa_netmask = reinterpret_cast<sockaddr*>(&one->mask);
  *out = &one->entry;
  return 0;
}

extern "C" __attribute__((visibility("default"))) void freeifaddrs(ifaddrs* list) { free(list); }
