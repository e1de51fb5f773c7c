/*
 * A card in the reader that vpcd pretends to be, over vpcd's TCP protocol: a length of two bytes, big-endian, then
 * an APDU or one byte of control. The card is in the reader while this process runs.
 *
 *   virtual-card loopback                         brings the loopback interface up and ends
 *   virtual-card insert DB PORT MEMORY CERT...    DB is an NSS database, CERT a nickname in it; cac-card.h tells
 *                                                 what is in the folder MEMORY
 */
#include "cac-card.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { POWER_OFF = 0, POWER_ON = 1, RESET = 2, GET_ATR = 4 };

static uint8_t atr[MOST_ATR_BYTES];
static int atr_length;

static void fail(const char *what) {
  perror(what);
  exit(1);
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
  static uint8_t message[2 + MOST_CARD_BYTES];
  message[0] = (uint8_t)(count >> 8);
  message[1] = (uint8_t)count;
  memcpy(message + 2, bytes, count);
  return write(fd, message, count + 2) == (ssize_t)(count + 2) ? 0 : -1;
}

/* Until pcscd closes the line. */
static void serve(int fd) {
  static uint8_t in[MOST_CARD_BYTES], out[MOST_CARD_BYTES];
  uint8_t head[2];
  while (receive(fd, head, sizeof head) == 0) {
    int length = head[0] << 8 | head[1];
    if (receive(fd, in, (size_t)length) != 0) return;
    if (length != 1) {
      if (answer(fd, out, (size_t)ask_card(in, length, out)) != 0) return;
    } else if (in[0] == POWER_OFF) {
      power_card_off();
    } else if (in[0] == POWER_ON || in[0] == RESET) {
      atr_length = power_card_on(atr);
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
    fprintf(stderr, "usage: %s loopback | insert DB PORT MEMORY CERT...\n", argv[0]);
    return 2;
  }
  /* A test that is killed leaves no card behind. */
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  signal(SIGPIPE, SIG_IGN);
  make_card(argv[2], argv[4], argv + 5, argc - 5);
  atr_length = power_card_on(atr);
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
