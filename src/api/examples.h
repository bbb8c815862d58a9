#pragma once
// Examples of requests, one for each method. They stand in docs/protocol/api.md, and tests/engine/api_examples_test.cc
// carries them out. Examples of what is answered and told are made from the table itself (describe.cc).

#include <span>
#include <string_view>

namespace godwit::api {

/// One request.
struct MethodExample {
  std::string_view method;
  std::string_view params;   ///< JSON
  std::string_view refused;  ///< name of the error that answers it where it is tested; empty: it is carried out
};

/// A whole line that is refused before any method is looked at, and the error that says so.
struct RefusedLine {
  std::string_view line;
  std::string_view error;
};

// What examples name. Where they are carried out, the test's own stand in these places.

/// A chat.
inline constexpr std::string_view kExampleChat = "5d1f0c3e9a7b4d2286f1c05e7a9b3d48";
/// A message in it, with a file, that came in.
inline constexpr std::string_view kExampleMessage = "8a01b2c3d4e5f60718293a4b5c6d7e8f";
/// A text in it of one's own, and a poll.
inline constexpr std::string_view kExampleOwnMessage = "1c2d3e4f5a6b7c8d9e0f1a2b3c4d5e6f";
inline constexpr std::string_view kExamplePoll = "77e1d2c3b4a5968778695a4b3c2d1e0f";
/// An invite of somebody else.
inline constexpr std::string_view kExampleInvite = "godwit:i#AWfQ...";
/// The device that is asked.
inline constexpr std::string_view kExampleDevice = "d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0";
/// The link of a home.
inline constexpr std::string_view kExampleHome = "godwit-home:#AYk2...";
/// A bundle.
inline constexpr std::string_view kExampleBundle = "R1dCAQ";
/// A file on this machine.
inline constexpr std::string_view kExampleFile = "/home/anna/photo.jpg";
/// A picture of Anna's that may be a sticker, and a pack with nothing but that.
inline constexpr std::string_view kExampleStickerFile = "/home/anna/cat.png";
inline constexpr std::string_view kExampleStickerPack = "57ac57ac00112233445566778899aabb";

/// A contact request that waits, and another one.
inline constexpr std::string_view kExampleContactRequest = "c0ffee00112233445566778899aabbcc";
inline constexpr std::string_view kExampleOtherRequest = "decade00112233445566778899aabbcc";
/// Where somebody takes contact requests.
inline constexpr std::string_view kExampleRequestLink = "godwit:m#AR1k...";
/// An invite of one's own for one person.
inline constexpr std::string_view kExampleSingleInvite = "51e911223344556677889900aabbccdd";
/// An invite for many of one's own.
inline constexpr std::string_view kExampleOpenInvite = "0b0e11223344556677889900aabbccdd";
/// A channel of one's own with two posts, 2 and 3.
inline constexpr std::string_view kExampleChannel = "c4a7e1f08b2d3a5960718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7";
/// A channel of somebody else, and its link.
inline constexpr std::string_view kExampleOtherChannel = "07e4c4a7e1f08b2d3a5960718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5";
inline constexpr std::string_view kExampleChannelLink = "godwit:c#AQx7...";
/// A call of Boris's that rings at Anna's.
inline constexpr std::string_view kExampleCall = "ca11ca1100112233445566778899aabb";
/// A report of a post.
inline constexpr std::string_view kExampleReport = "Z29kd2l0IHJlcG9ydA";

/// All of them, in the order in which they can be carried out one after the other.
std::span<const MethodExample> method_examples();
/// One for each error that a line alone can cause.
std::span<const RefusedLine> refused_lines();

}  // namespace godwit::api
