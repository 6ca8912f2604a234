/* Parses the command line. */
/* SPDX-License-Identifier: MIT */
#include "config/command_line.h"
#include "base/number.h"

static void print_usage(void)
{
  size_t i;
  printf("usage: box-emulator [option …]\n\n"
         "A Box for tests: the first line on standard output is a JSON "
         "object\nwith its URLs, its tokens and its CA.\n\n");
  for(i = 0; i < em_option_count; i++) {
    char left[40];
    snprintf(left, sizeof(left), "--%s %s", em_option_table[i].name,
             em_option_table[i].argument ? em_option_table[i].argument : "");
    printf("  %-24s %s\n", left, em_option_table[i].help);
  }
  printf("\nNumbers may end in K, M or G (powers of 1024).\n");
}

static int set_value(struct em_options *options,
                     const struct em_option *option, const char *value)
{
  int64_t number;
  if(!value || !*value) {
    fprintf(stderr, "box-emulator: --%s needs a value\n", option->name);
    return -1;
  }
  if(option->kind == EM_OPTION_TEXT) {
    memcpy((char *)options + option->offset, &value, sizeof(value));
    return 0;
  }
  if(em_number_parse(value, &number) || !em_option_allows(option, number)) {
    fprintf(stderr, "box-emulator: --%s: not a possible value: %s\n",
            option->name, value);
    return -1;
  }
  em_option_set(options, option, number);
  return 0;
}

/* Returns the number of arguments used, or 0 after an error message. */
static int take_option(struct em_options *options,
                       const struct em_option *option, const char *inlined,
                       const char *next)
{
  if(option->kind == EM_OPTION_FLAG) {
    if(inlined) {
      fprintf(stderr, "box-emulator: --%s takes no value\n", option->name);
      return 0;
    }
    em_option_set(options, option, option->low);
    return 1;
  }
  if(set_value(options, option, inlined ? inlined : next))
    return 0;
  return inlined ? 1 : 2;
}

static const struct em_option *find_option(const char *argument,
                                           const char **inlined)
{
  const struct em_option *option = NULL;
  size_t length;
  *inlined = NULL;
  if(!strncmp(argument, "--", 2)) {
    length = strcspn(argument + 2, "=");
    option = em_option_find(argument + 2, length);
    if(argument[2 + length])
      *inlined = argument + 3 + length;
  }
  if(!option)
    fprintf(stderr, "box-emulator: unknown option: %s (see --help)\n",
            argument);
  return option;
}

enum em_command_line_result em_command_line_parse(struct em_options *options,
                                                  int argc, char **argv)
{
  int i = 1;
  em_options_set_defaults(options);
  while(i < argc) {
    const char *inlined;
    const struct em_option *option = find_option(argv[i], &inlined);
    int taken;
    if(!option)
      return EM_COMMAND_LINE_INVALID;
    if(option->kind == EM_OPTION_SHOW) {
      if(!strcmp(option->name, "help"))
        print_usage();
      else
        printf("box-emulator %s\n", EM_VERSION);
      return EM_COMMAND_LINE_SHOWN;
    }
    taken = take_option(options, option, inlined,
                        i + 1 < argc ? argv[i + 1] : NULL);
    if(!taken)
      return EM_COMMAND_LINE_INVALID;
    i += taken;
  }
  return EM_COMMAND_LINE_RUN;
}
