#pragma once
// Links as addresses of the page: what is handed to somebody who has nothing but a browser. The page does the same
// (web/src/text/handed_on.ts).

#include <string>
#include <string_view>

namespace godwit::cli {

/// `link` as an address of the page at `page`, behind its "#", so that no server is told; with the link of a home for who has no account
/// yet, unless that is empty.
std::string handed_on(std::string_view link, std::string_view page, std::string_view home_link = {});
/// The link in such an address; any other text as it is.
std::string link_in(std::string_view text);

}  // namespace godwit::cli
