#pragma once
// What each mode's file offers to the table of modes: its row. The classes stay in their files.

#include "lab/censor/mode.h"

namespace godwit::lab {

/// Names that are blocked unless a mode is told others.
inline constexpr const char* kBlockedNames =
    "whatsapp.com+whatsapp.net+signal.org+telegram.org+t.me+youtube.com+googlevideo.com+facebook.com+instagram.com+"
    "twitter.com+twimg.com+blocked.example";
/// Seconds that an option may last at most: thirty days.
inline constexpr double kSecondsMax = 30 * 86400.0;

ModeInfo control_mode();      ///< 0
ModeInfo dns_mode();          ///< 1
ModeInfo throttle_mode();     ///< 2
ModeInfo sni_rst_mode();      ///< 3
ModeInfo sni_drop_mode();     ///< 4
ModeInfo quic_mode();         ///< 5
ModeInfo calls_mode();        ///< 6
ModeInfo ech_doh_mode();      ///< 7
ModeInfo tls_fp_mode();       ///< 8
ModeInfo siberian_mode();     ///< 9
ModeInfo curtain_mode();      ///< 10
ModeInfo fet_mode();          ///< 11
ModeInfo inner_tls_mode();    ///< 12
ModeInfo learn_mode();        ///< 13
ModeInfo ip_mode();           ///< 14
ModeInfo proto_allow_mode();  ///< 15
ModeInfo dest_allow_mode();   ///< 16
ModeInfo shutdown_mode();     ///< 17
ModeInfo learned_mode();      ///< 18

}  // namespace godwit::lab
