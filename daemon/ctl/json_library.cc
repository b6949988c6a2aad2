// Boost.JSON is used header-only: its bodies are compiled here, once.
#include <boost/json/src.hpp>
