// Loaded before the C library: every fsync and fdatasync of the process takes so much longer.
// SLOW_SYNC_US says how much, SLOW_SYNC_COUNT names a file of 8 bytes that counts them.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static struct timespec delay;
static uint64_t *count;

__attribute__((constructor)) static void begin(void) {
    real_fsync = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
    const char *us = getenv("SLOW_SYNC_US"), *path = getenv("SLOW_SYNC_COUNT");
    long wanted = us ? atol(us) : 0;
    delay.tv_sec = wanted / 1000000;
    delay.tv_nsec = wanted % 1000000 * 1000;
    int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *found = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (found != MAP_FAILED) count = found;
    close(file);
}

// After the real one, so that nothing is durable sooner; other threads go on meanwhile.
static int slowed(int result) {
    int kept = errno;
    struct timespec left = delay;
    if (count) __atomic_add_fetch(count, 1, __ATOMIC_RELAXED);
    prctl(PR_SET_TIMERSLACK, 1);  // of this thread: else each sleep is 50 us too long
    while ((left.tv_sec || left.tv_nsec) && nanosleep(&left, &left) && errno == EINTR) {}
    errno = kept;
    return result;
}

int fsync(int file) { return slowed(real_fsync(file)); }
int fdatasync(int file) { return slowed(real_fdatasync(file)); }
