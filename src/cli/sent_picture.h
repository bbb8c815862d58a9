#pragma once
// For tests: files made of words, and what is sent of them.

#include <gtest/gtest.h>

#include <string>

#include "cli/picture.h"

namespace godwit::cli::testfile {

/// The number in so many bytes, most significant first.
inline std::string number(uint64_t value, size_t size) {
  std::string out;
  for (size_t i = size; i-- > 0;) out += i < sizeof(value) ? static_cast<char>(value >> 8 * i) : '\0';
  return out;
}

/// A box (ISO/IEC 14496-12) with this in it.
inline std::string box(std::string_view type, const std::string& body) {
  return number(body.size() + 8, 4) + std::string(type) + body;
}

/// Reads from such a file, which has to outlive it.
inline ReadAt reader(const std::string& file) {
  return [&file](uint64_t offset, size_t size) {
    if (offset >= file.size()) return Bytes{};
    return to_bytes(as_bytes(std::string_view(file).substr(static_cast<size_t>(offset), size)));
  };
}

/// What is sent, read in pieces of odd sizes, as chunks cut it. The test fails if the file is of no kind that is known.
inline std::string sent(const std::string& file) {
  const auto found = picture_to_send(reader(file));
  EXPECT_TRUE(found.has_value() && found->has_value()) << (found ? "not known" : found.error().rule);
  if (!found || !*found) return {};
  Bytes out;
  while (out.size() < (*found)->size()) append(out, read_picture(**found, reader(file), out.size(), 7));
  EXPECT_EQ(out, read_picture(**found, reader(file), 0, file.size() + 100));
  return std::string(as_text(out));
}

/// Whatever is cut off its end, it is refused, or goes without this word.
inline void expect_never_sent(const std::string& whole, size_t from, std::string_view word) {
  for (size_t size = from; size < whole.size(); ++size) {
    const std::string file = whole.substr(0, size);
    const auto found = picture_to_send(reader(file));
    if (!found || !*found) continue;
    EXPECT_EQ(sent(file).find(word), std::string::npos) << size;
  }
}

}  // namespace godwit::cli::testfile
