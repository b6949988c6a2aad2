#include "daemon/ctl/ticketctl.h"

int main(int argc, char** argv) { return ticketd::run_ticketctl(argc, argv); }
