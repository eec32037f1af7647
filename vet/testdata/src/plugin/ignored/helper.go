package ignored

//lint:ignore tempestid who knows what tests will make of this file
func helper() {}
