#pragma once
// A chat as a page to read: one HTML file that needs nothing else and runs nothing.

#include <string>

#include "engine/notices.h"

namespace godwit::cli {

/// The page up to its first message.
std::string page_begin(const std::string& chat);
/// One message. `media`: the path of its file beside the page; empty: none.
std::string page_message(const engine::Message& message, const std::string& sender, const std::string& when,
                         const std::string& media);
/// The rest of it.
std::string page_end();
/// Text for HTML: what has a meaning there, and control characters, is not text any more.
std::string html_text(std::string_view text);

}  // namespace godwit::cli
