/* The emulator's folder on disk. */
/* SPDX-License-Identifier: MIT */
#include "store/root.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#define EM_OPEN_FOLDERS 16

int em_root_path(const struct em_root *root, char out[PATH_MAX],
                 const char *folder, const char *name)
{
  int length = snprintf(out, PATH_MAX, "%s/%s%s%s", root->path, folder,
                        *folder ? "/" : "", name);
  return length > 0 && length < PATH_MAX ? 0 : -1;
}

static int make_folder(const char *path)
{
  return mkdir(path, 0700) && errno != EEXIST ? -1 : 0;
}

static int make_subfolder(const struct em_root *root, const char *name)
{
  char path[PATH_MAX];
  return em_root_path(root, path, "", name) || make_folder(path) ? -1 : 0;
}

static int make_temporary_root(struct em_root *root)
{
  const char *base = getenv("TMPDIR");
  int length =
      snprintf(root->path, sizeof(root->path), "%s/box-emulator-XXXXXX",
               base && *base ? base : "/tmp");
  if(length < 0 || (size_t)length >= sizeof(root->path))
    return -1;
  root->temporary = true;
  return mkdtemp(root->path) ? 0 : -1;
}

static int make_named_root(struct em_root *root, const char *path)
{
  char full[PATH_MAX];
  if(make_folder(path) || !realpath(path, full) ||
     strlen(full) >= sizeof(root->path))
    return -1;
  memcpy(root->path, full, strlen(full) + 1);
  return 0;
}

int em_root_init(struct em_root *root, const char *path, bool keep)
{
  memset(root, 0, sizeof(*root));
  root->keep = keep;
  if(path ? make_named_root(root, path) : make_temporary_root(root))
    return -1;
  return make_subfolder(root, "files") || make_subfolder(root, "trash") ||
                 make_subfolder(root, "sessions")
             ? -1
             : 0;
}

static int remove_one(const char *path, const struct stat *status, int type,
                      struct FTW *walk)
{
  (void)status;
  (void)type;
  (void)walk;
  return remove(path);
}

/* Nothing can be done at exit about files that cannot be deleted. */
static void remove_tree(const char *path)
{
  (void)nftw(path, remove_one, EM_OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS);
}

void em_root_free(struct em_root *root)
{
  char path[PATH_MAX];
  if(!root->path[0] || root->keep)
    return;
  if(root->temporary) {
    remove_tree(root->path);
    return;
  }
  if(!em_root_path(root, path, "", "sessions"))
    remove_tree(path);
  if(!em_root_path(root, path, "", "trash"))
    remove_tree(path);
  if(!em_root_path(root, path, "", "ca.pem"))
    (void)unlink(path);
}

int em_root_write(const struct em_root *root, const char *name,
                  const char *bytes, size_t size)
{
  char path[PATH_MAX];
  int result;
  int fd;
  if(em_root_path(root, path, "", name))
    return -1;
  fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if(fd < 0)
    return -1;
  result = em_file_write(fd, bytes, size);
  if(close(fd))
    result = -1;
  return result;
}
