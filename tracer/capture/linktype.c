#include "tracer/capture/source_parts.h"

#include <pcap/pcap.h>

/* Where the number in a file is not the number in libpcap's functions, on Linux. */
static const struct {
    int linktype, dlt;
} pairs[] = {
    {50, DLT_PPP_SERIAL},  {51, DLT_PPP_ETHER},  {100, DLT_ATM_RFC1483}, {101, DLT_RAW},
    {102, DLT_SLIP_BSDOS}, {103, DLT_PPP_BSDOS}, {104, DLT_C_HDLC},      {106, DLT_ATM_CLIP},
    {107, DLT_FRELAY},     {108, DLT_LOOP},      {113, DLT_LINUX_SLL},   {276, DLT_LINUX_SLL2},
};
enum { PAIRS = sizeof pairs / sizeof pairs[0] };

int linktype_of_dlt(int dlt)
{
    for (int i = 0; i < PAIRS; i++)
        if (pairs[i].dlt == dlt)
            return pairs[i].linktype;
    return dlt;
}

int dlt_of_linktype(int linktype)
{
    for (int i = 0; i < PAIRS; i++)
        if (pairs[i].linktype == linktype)
            return pairs[i].dlt;
    return linktype;
}

int linktype_of_file(uint32_t field)
{
    int linktype = (int)(field & 0x03ffffff); /* above are bits about a frame check sequence */
    /* Some writers put the DLT_ of raw IP there. */
    return linktype == DLT_RAW ? linktype_of_dlt(DLT_RAW) : linktype;
}
