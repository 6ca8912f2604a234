/* Parses the command line. */
/* SPDX-License-Identifier: MIT */
#ifndef EM_COMMAND_LINE_H
#define EM_COMMAND_LINE_H

#include "base/base.h"
#include "config/option.h"

enum em_command_line_result {
  EM_COMMAND_LINE_RUN,
  EM_COMMAND_LINE_SHOWN,  /* --help or --version */
  EM_COMMAND_LINE_INVALID /* an error message was printed */
};

enum em_command_line_result em_command_line_parse(struct em_options *options,
                                                  int argc, char **argv);

#endif
