#pragma once
// A chat as a page to read: one HTML file that needs nothing else and runs nothing.

#include <string>
#include <string_view>
#include <vector>

#include "engine/notices.h"

namespace godwit::cli {

/// The page up to its first message.
std::string page_begin(const std::string& chat);
/// What stands beside a message there.
struct PageBeside {
  std::string sender;
  std::string when;
  std::string media;   ///< The path of its file beside the page; empty: none.
  std::string quoted;  ///< Of an answer: the first words of what it answers; empty: that is not there.
};
/// One message.
std::string page_message(const engine::Message& message, const PageBeside& beside);
/// One post of a channel.
std::string page_post(const engine::PostInfo& post, const std::string& when);
/// Text for HTML, formatted.
std::string html_formatted(std::string_view text, const std::vector<engine::TextSpan>& spans);
/// The rest of it.
std::string page_end();
/// Text for HTML: what has a meaning there, and control characters, is not text any more.
std::string html_text(std::string_view text);

}  // namespace godwit::cli
