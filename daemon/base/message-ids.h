/* SPDX-License-Identifier: MIT */
#pragma once

/* MESSAGE_IDs of the journal entries that an administrator or a script can act on. Each has an
 * entry in units/picketd.catalog; a test holds the two to be the same set. Never reuse or change
 * one. */

#define MESSAGE_STARTED "0f478e020e0e496081845e2ec7400dbd"           /* picketd is ready */
#define MESSAGE_CONFIGURATION_BAD "fd9cc6af287143958d632554206412ac" /* at start or reload */
#define MESSAGE_CONFIGURATION_RELOADED "4b1ed03d684c4597a29d62ae067f60f6"
#define MESSAGE_ALERT_RAISED "3d2e5662012a4aa38a78736147376696"
#define MESSAGE_FEED_TROUBLE "441ba648592d49688f63a72ed8ad2e47" /* a feed that worked fails now */
#define MESSAGE_FEED_RECOVERED "8276cbcfc14a4796841b954a29af2092"
#define MESSAGE_FEED_REPAIRED \
        "ed9bf26bc8324e96baee5a980bcbb59c" /* read, but parts were cut or mended */
#define MESSAGE_FEED_MOVED "e5293ae0c46841e3829b3756dd00a4c2" /* another address is asked now */
#define MESSAGE_FEED_GONE "120aaa2b1cf74dfdb48e1e29aea3cfa0"  /* 410 twice: not asked any more */
#define MESSAGE_FEED_NEGLECTED "6fd6240e43df48e280240e73cdf3ce3c" /* failed for a month */
#define MESSAGE_FEED_SILENT "337a840c0d05486eaf34b32e50f4e648"    /* long without anything new */
#define MESSAGE_FEED_MISSED "848a82a8c8c3425a8a5c3d481252fc35"    /* items came and went unseen */
#define MESSAGE_FEED_ARCHIVE \
        "a90d3c659f9947599844ac6357b3d589" /* old items came into its list all at once */
#define MESSAGE_FEED_UNCONDITIONAL \
        "72a269854f694db6b03292a79acadd0b" /* its server cannot tell what is new */
#define MESSAGE_PAGE_FAILED \
        "ca497ef0b536472eb620ae71aa60ff4f" /* an article page will not be read */
#define MESSAGE_DELIVERED "18ec9a34165b44d6a340af318c08fe1d"
#define MESSAGE_DELIVERY_RETRY "b022806350444496aea9c56894fc7a0d"
#define MESSAGE_DELIVERY_DEAD "5281a4cfb3a449b6a41ba330fd6e3924"
#define MESSAGE_SINK_TROUBLE \
        "557b126bc95347daa23387dadf69b0c9" /* a destination refuses all; its queue waits */
#define MESSAGE_SINK_RECOVERED "4aedc505bac14889a0d715241a42020b"
#define MESSAGE_STORE_TROUBLE "11cd86493d3b42e38d640bf5b019f9db" /* read-only, full, corrupt */
#define MESSAGE_STORE_UPGRADED "af09fe22379a4ab1ab4a88e93088641f"
#define MESSAGE_OFFLINE \
        "719649dd4fc2438781d6104e89ec812b" /* nothing is asked but one feed a minute */
#define MESSAGE_ONLINE "9eb0311f54194fe28194f76920982fa3"
#define MESSAGE_HOST_CLOSED \
        "03dbc8f57f934ab381b387d8ba1c8e93" /* a server asked to be left alone for a while */
#define MESSAGE_OWN_LIMIT "943e9f4fa6654b29b21a2366dd21aab5" /* no thread or socket to be had */
