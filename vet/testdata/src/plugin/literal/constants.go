package literal

const elsewhere = "dns"
