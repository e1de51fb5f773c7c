/*
 * A smart card with a PIN counter, in the reader that vpcd pretends to be: libcacard's CAC card over vpcd's
 * TCP protocol (a length of two bytes, big-endian, then an APDU or one byte of control). The card is in the
 * reader while this process runs.
 *
 *   virtual-card loopback                         brings the loopback interface up and ends
 *   virtual-card insert DB PORT FOLDER CERT...    DB is an NSS database, CERT a nickname in it
 *
 * FOLDER is the card's memory, kept when it is pulled out:
 *   tries    wrong PINs so far
 *   verifies a byte per VERIFY that carried a PIN
 *   leave    while this file exists, the first signature pulls the card out in its middle
 *   number   a byte in decimal digits that tells this card from others
 *
 * The few functions of libcacard are declared here: its own headers want those of GLib.
 */
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <signal.h>

typedef struct VReaderStruct VReader;
typedef struct VReaderListStruct VReaderList;
typedef struct VReaderListEntryStruct VReaderListEntry;
typedef struct VCardEmulOptionsStruct VCardEmulOptions;

/* 0 is success for all of them. */
int vcard_emul_init(const VCardEmulOptions *options);
int vreader_card_is_present(VReader *reader);
int vreader_power_on(VReader *reader, unsigned char *atr, int *length);
int vreader_power_off(VReader *reader);
int vreader_xfr_bytes(VReader *reader, unsigned char *sent, int sent_length, unsigned char *answer, int *length);

VCardEmulOptions *vcard_emul_options(const char *text);
VReaderList *vreader_get_reader_list(void);
VReaderListEntry *vreader_list_get_first(VReaderList *list);
VReaderListEntry *vreader_list_get_next(VReaderListEntry *entry);
VReader *vreader_list_get_reader(VReaderListEntry *entry);

enum { POWER_OFF = 0, POWER_ON = 1, RESET = 2, GET_ATR = 4 };

/* Instructions of ISO 7816-4 and of the CAC card. */
enum { INS_VERIFY = 0x20, INS_CAC_SIGN_DECRYPT = 0x42 };

#define MOST_TRIES 3
#define MOST_BYTES 65535

static const char *folder;
static VReader *reader;
static uint8_t atr[64];
static int atr_length;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static const char *in_folder(const char *name) {
  static char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  return path;
}

static int number_in(const char *name, int otherwise) {
  int number = otherwise;
  FILE *file = fopen(in_folder(name), "r");
  if (file == NULL) return otherwise;
  if (fscanf(file, "%d", &number) != 1) number = otherwise;
  fclose(file);
  return number;
}

static int tries_used(void) { return number_in("tries", 0); }

static void append(const char *name, const char *mode, int value) {
  FILE *file = fopen(in_folder(name), mode);
  if (file == NULL) fail(name);
  fprintf(file, "%d", value);
  fclose(file);
}

static void find_reader(const char *database, char **certificates, int count) {
  char text[2048];
  int length = snprintf(text, sizeof text, "db=\"%s\" use_hw=no soft=(,virtual,CAC,", database);
  for (int i = 0; i < count; i++)
    length += snprintf(text + length, sizeof text - length, ",%s", certificates[i]);
  snprintf(text + length, sizeof text - length, ")");
  VCardEmulOptions *options = vcard_emul_options(text);
  if (options == NULL || vcard_emul_init(options) != 0) fail(text);
  VReaderList *list = vreader_get_reader_list();
  VReaderListEntry *entry = list ? vreader_list_get_first(list) : NULL;
  for (; entry != NULL && reader == NULL; entry = vreader_list_get_next(entry)) {
    VReader *found = vreader_list_get_reader(entry);
    if (vreader_card_is_present(found) == 0) reader = found;
  }
  if (reader == NULL) fail("no card");
}

static void power_on(void) {
  atr_length = sizeof atr;
  vreader_power_on(reader, atr, &atr_length);
}

/* vpcd writes a length and its bytes apart: without TCP_QUICKACK every APDU waits 40 ms for Nagle. */
static int receive(int fd, uint8_t *bytes, size_t count) {
  int on = 1;
  while (count > 0) {
    setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
    ssize_t got = read(fd, bytes, count);
    if (got <= 0) return -1;
    bytes += got;
    count -= (size_t)got;
  }
  return 0;
}

static int answer(int fd, const uint8_t *bytes, size_t count) {
  static uint8_t message[2 + MOST_BYTES];
  message[0] = (uint8_t)(count >> 8);
  message[1] = (uint8_t)count;
  memcpy(message + 2, bytes, count);
  return write(fd, message, count + 2) == (ssize_t)(count + 2) ? 0 : -1;
}

/* ISO 7816-4: 63 CX, X tries are left; 69 83, blocked. */
static int pin_status(uint8_t *out) {
  int left = MOST_TRIES - tries_used();
  out[0] = left > 0 ? 0x63 : 0x69;
  out[1] = left > 0 ? (uint8_t)(0xc0 | left) : 0x83;
  return 2;
}

/* libcacard checks a PIN and counts nothing. */
static int verify(uint8_t *in, int length, uint8_t *out) {
  int carries_pin = length > 5, got = MOST_BYTES;
  if (!carries_pin) return pin_status(out);
  append("verifies", "a", 1);
  if (tries_used() >= MOST_TRIES) return pin_status(out);
  if (vreader_xfr_bytes(reader, in, length, out, &got) == 0 && got == 2 && out[0] == 0x90) {
    append("tries", "w", 0);
    return got;
  }
  append("tries", "w", tries_used() + 1);
  return pin_status(out);
}

/* libcacard gives all its cards one identifier, and OpenSC makes the serial number of it. */
static void number_card(uint8_t *bytes, int length) {
  static const uint8_t identifier[] = {0x58, 0xbd, 0x00, 0x2c, 0x19, 0xb5};
  for (int at = 0; at + (int)sizeof identifier <= length; at++)
    if (memcmp(bytes + at, identifier, sizeof identifier) == 0)
      bytes[at + (int)sizeof identifier - 1] = (uint8_t)number_in("number", 0xb5);
}

static int transmit(uint8_t *in, int length, uint8_t *out) {
  int got = MOST_BYTES;
  if (length >= 4 && in[1] == INS_VERIFY) return verify(in, length, out);
  if (length >= 4 && in[1] == INS_CAC_SIGN_DECRYPT && access(in_folder("leave"), F_OK) == 0) exit(0);
  if (vreader_xfr_bytes(reader, in, length, out, &got) == 0) {
    number_card(out, got);
    return got;
  }
  out[0] = 0x6f;
  out[1] = 0;
  return 2;
}

/* Until pcscd closes the line. */
static void serve(int fd) {
  static uint8_t in[MOST_BYTES], out[MOST_BYTES];
  uint8_t head[2];
  while (receive(fd, head, sizeof head) == 0) {
    int length = head[0] << 8 | head[1];
    if (receive(fd, in, (size_t)length) != 0) return;
    if (length != 1) {
      if (answer(fd, out, (size_t)transmit(in, length, out)) != 0) return;
    } else if (in[0] == POWER_OFF) {
      vreader_power_off(reader);
    } else if (in[0] == POWER_ON || in[0] == RESET) {
      power_on();
    } else if (in[0] == GET_ATR) {
      /* pcscd asks every 400 ms whether the card is there. Powering it on here would lose an answer that
         waits to be fetched. */
      if (answer(fd, atr, (size_t)atr_length) != 0) return;
    }
  }
}

static int connect_to(int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  if (fd < 0) fail("socket");
  if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
    close(fd);
    return -1;
  }
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

static int loopback(void) {
  struct ifreq request = {.ifr_name = "lo"};
  int fd = socket(AF_INET, SOCK_DGRAM, 0);
  if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &request) != 0) fail("lo");
  request.ifr_flags |= IFF_UP;
  if (ioctl(fd, SIOCSIFFLAGS, &request) != 0) fail("lo up");
  return 0;
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "loopback") == 0) return loopback();
  if (argc < 6 || strcmp(argv[1], "insert") != 0) {
    fprintf(stderr, "usage: %s loopback | insert DB PORT FOLDER CERT...\n", argv[0]);
    return 2;
  }
  /* A test that is killed leaves no card behind. */
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGPIPE, SIG_IGN);
  folder = argv[4];
  find_reader(argv[2], argv + 5, argc - 5);
  power_on();
  /* A card stays in its reader while pcscd is started anew. */
  for (;;) {
    int fd = connect_to(atoi(argv[3]));
    if (fd >= 0) {
      serve(fd);
      close(fd);
    }
    usleep(20000);
  }
}
