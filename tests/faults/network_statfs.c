/* Preloaded into a program: folders below $NETWORK_FOLDER look as if they lay on NFS. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

static int answer(const char* name, const char* path, struct statfs* status) {
  int (*real)(const char*, struct statfs*) = (int (*)(const char*, struct statfs*))dlsym(RTLD_NEXT, name);
  const int code = real(path, status);
  const char* network = getenv("NETWORK_FOLDER");
  if (code == 0 && network != NULL && strncmp(path, network, strlen(network)) == 0) status->f_type = 0x6969;
  return code;
}

int statfs(const char* path, struct statfs* status) { return answer("statfs", path, status); }
int statfs64(const char* path, struct statfs64* status) {
  return answer("statfs64", path, (struct statfs*)status);
}
