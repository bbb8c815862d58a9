#include "cli/export_page.h"

#include "base/bytes.h"
#include "cli/commands.h"

namespace godwit::cli {
namespace {

constexpr std::string_view kDigits = "0123456789ABCDEF";

std::string url_path(std::string_view path) {
  std::string out;
  for (const char each : path) {
    const auto byte = static_cast<unsigned char>(each);
    const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9') ||
                       byte == '-' || byte == '.' || byte == '_' || byte == '/';
    if (plain) {
      out += each;
    } else {
      out += '%';
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  return out;
}

std::string reactions_of(const engine::Message& message) {
  std::string out;
  for (const engine::ReactionInfo& each : message.reactions) {
    out += (out.empty() ? "" : " ") + html_text(each.reaction) + (each.count > 1 ? std::to_string(each.count) : "");
  }
  return out.empty() ? out : "<div class=\"when\">" + out + "</div>";
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string out;
  for (const char each : text) {
    switch (each) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        if (static_cast<unsigned char>(each) >= 0x20 || each == '\n' || each == '\t') out += each;
    }
  }
  return out;
}

std::string page_begin(const std::string& chat) {
  return "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
         "<meta name=\"viewport\" content=\"width=device-width\">\n<title>" +
         html_text(chat) +
         "</title>\n<style>\nbody { font-family: sans-serif; max-width: 45em; margin: 1em auto; padding: 0 1em; }\n"
         ".m { margin: .6em 0; padding: .4em .7em; border-radius: .5em; background: #f2f2f2; }\n"
         ".own { background: #e3f1e3; }\n.notice { background: none; color: #666; font-style: italic; }\n"
         ".who { font-weight: bold; }\n.when { color: #777; font-size: .85em; }\n"
         ".text { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; }\n</style>\n</head>\n<body>\n<h1><bdi>" +
         html_text(chat) + "</bdi></h1>\n";
}

std::string page_message(const engine::Message& message, const std::string& sender, const std::string& when,
                         const std::string& media) {
  const bool notice = message.kept && message.kept->notice;
  std::string out = std::string("<div class=\"m") + (message.own ? " own" : "") + (notice ? " notice" : "") + "\">";
  if (!sender.empty()) out += "<bdi class=\"who\">" + html_text(sender) + "</bdi> ";
  out += "<span class=\"when\">" + html_text(when) + "</span>";
  if (message.kept && !message.kept->forwarded_from.empty()) {
    out += " <span class=\"when\">forwarded from <bdi>" + html_text(message.kept->forwarded_from) + "</bdi></span>";
  }
  if (message.kept && message.kept->edited) out += " <span class=\"when\">edited</span>";
  if (message.kept && message.kept->deleted) out += "<div class=\"when\">deleted</div>";
  if (message.kept && message.kept->omitted) out += "<div class=\"when\">a file that is not here</div>";
  // What is a text of its own stays as it is; polls, places and the like as they are printed.
  const bool plain = message.kept || message.file || (message.kind == engine::MessageKind::kText && !message.deleted);
  const std::string text = plain ? message.text : print_body(message);
  if (!text.empty()) out += "<div class=\"text\" dir=\"auto\">" + html_text(text) + "</div>";
  if (message.preview) {
    out += "<div class=\"when\"><bdi>" + html_text(message.preview->link) + "</bdi>: <bdi>" +
           html_text(message.preview->title) + "</bdi>" +
           (message.preview->text.empty() ? "" : " <bdi>" + html_text(message.preview->text) + "</bdi>") + "</div>";
  }
  if (plain && message.edits > 0) out += "<div class=\"when\">edited</div>";
  if (plain) out += reactions_of(message);
  if (!media.empty()) {
    out += "<div><a href=\"" + url_path(media) + "\"><bdi>" + html_text(media.substr(media.rfind('/') + 1)) +
           "</bdi></a></div>";
  } else if (message.file) {
    out += "<div class=\"when\">file <bdi>" + html_text(message.file->name) + "</bdi></div>";
  }
  return out + "</div>\n";
}

std::string page_end() { return "</body>\n</html>\n"; }

}  // namespace godwit::cli
