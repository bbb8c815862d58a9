// What of a stranger's description gets to the unit.

#include "home/call_sdp.h"

#include <gtest/gtest.h>

#include "wire/errors.h"

namespace godwit::home {
namespace {

const std::string kHead = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";
const std::string kVoice = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=sendonly\r\n";

Result<std::string> checked(const std::string& text) { return checked_description(as_bytes(text)); }

TEST(CallSdp, a_description_passes_as_it_is_but_for_its_addresses) {
  EXPECT_EQ(checked(kHead + kVoice).value(), kHead + kVoice);
  const std::string there =
      "a=candidate:1 1 udp 2 192.0.2.1 5000 typ host\r\na=remote-candidates:1 192.0.2.1 "
      "5000\r\na=end-of-candidates\r\n";
  EXPECT_EQ(checked(kHead + kVoice + there).value(), kHead + kVoice);
  EXPECT_EQ(checked("v=0\ns=-\nm=video 9 UDP/TLS/RTP/SAVPF 96").value(),
            "v=0\r\ns=-\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n");
}

TEST(CallSdp, what_is_none_or_more_than_a_call_needs_is_refused) {
  std::string many = kHead;
  for (size_t i = 0; i <= kSdpSectionsMax; ++i) many += kVoice;
  const std::string bad[] = {"",
                             kHead,
                             "x=0\r\n" + kVoice,
                             kHead + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n",
                             kHead + "m=audio 9 RTP/AVP 111\r\n",
                             kHead + kVoice + "no line\r\n",
                             kHead + kVoice + "a=\x01\r\n",
                             kHead + kVoice + "a=\xd1\x8f\r\n",
                             kHead + kVoice + "\r\n",
                             kHead + kVoice + "a=" + std::string(1'100, 'x') + "\r\n",
                             kHead + kVoice + std::string("a=\0b\r\n", 6),
                             many};
  for (const std::string& each : bad) {
    const auto said = checked(each);
    ASSERT_FALSE(said.has_value()) << each.substr(0, 200);
    EXPECT_EQ(said.error().code, wire::kMalformed);
  }
}

TEST(CallSdp, what_is_sent_has_the_names_by_which_others_ask_for_it) {
  const std::string picture = "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n";
  EXPECT_FALSE(sends_picture(kHead + kVoice).value());
  EXPECT_TRUE(sends_picture(kHead + kVoice + picture).value());
  const std::string named = "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:x\r\n";
  for (const std::string& each :
       {kHead + named, kHead + picture, kHead + kVoice + kVoice, kHead + kVoice + picture + picture,
        kHead + kVoice + "a=mid:1\r\n", kHead + picture + kVoice}) {
    EXPECT_EQ(sends_picture(each).error().code, wire::kMalformed) << each;
  }
}

TEST(CallSdp, another_address_of_the_unit_is_seen) {
  const std::string at = "a=candidate:1 1 udp 2013266431 127.80.1.2 20000 typ host\r\n";
  EXPECT_TRUE(is_only_at(kHead + kVoice + at + at, "127.80.1.2"));
  EXPECT_TRUE(is_only_at(kHead + kVoice, "127.80.1.2"));
  EXPECT_FALSE(is_only_at(kHead + at + kVoice + "a=candidate:2 1 udp 1 192.0.2.7 20000 typ host\r\n", "127.80.1.2"));
}

}  // namespace
}  // namespace godwit::home
