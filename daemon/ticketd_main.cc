#include "daemon/app/ticketd.h"

int main(int argc, char** argv) { return ticketd::run_ticketd(argc, argv); }
