"""What a person reads and presses on the way, in both languages."""

from typing import NamedTuple


class Words(NamedTuple):
    """Buttons, links and headings as they stand on the pages; sums with the fee in them."""

    locale: str
    sign_up: str
    workshop: str
    owner: str
    to_plans: str
    to_payment: str
    total: str
    sum_here: str
    sum_there: str
    pay_page: str
    locked: str
    to_simulator: str
    i_have_paid: str
    make_code: str
    stamp: str
    open_workshop: str
    jobs: str


INDONESIAN = Words(
    locale="id-ID",
    sign_up="Daftarkan bengkel",
    workshop="Nama bengkel",
    owner="Nama pemilik",
    to_plans="Lanjut pilih paket",
    to_payment="Lanjut bayar",
    total="Rp100.003",
    sum_here="Rp99.000 + biaya QRIS Rp1.003",
    sum_there="Rp99.000 + biaya QRIS Rp1.003 = Rp100.003",
    pay_page="Buka halaman bayar Payment Service",
    locked="Bengkel terbuka setelah tagihan dibayar",
    to_simulator="Bayar di simulator",
    i_have_paid="Saya sudah bayar",
    make_code="Buat kode QRIS",
    stamp="LUNAS",
    open_workshop="Buka bengkel",
    jobs="Pekerjaan hari ini",
)
ENGLISH = Words(
    locale="en-GB",
    sign_up="Sign up your workshop",
    workshop="Workshop name",
    owner="Owner's name",
    to_plans="Continue to plans",
    to_payment="Continue to payment",
    total="Rp100.003",
    sum_here="Rp99.000 + QRIS fee Rp1.003",
    sum_there="Rp99.000 + QRIS fee Rp1.003 = Rp100.003",
    pay_page="Open Payment Service's pay page",
    locked="The workshop opens when the invoice is paid",
    to_simulator="Pay in the simulator",
    i_have_paid="I have paid",
    make_code="Make the QRIS code",
    stamp="PAID",
    open_workshop="Open the workshop",
    jobs="Today's jobs",
)
