"""What each kind of alert is called for people, in Indonesian and in English."""

from typing import NamedTuple

from payment_service.model.alert import Kind


class Words(NamedTuple):
    """One short clause in each language."""

    indonesian: str
    english: str


WORDS: dict[Kind, Words] = {
    "payment_needs_review": Words("pembayaran perlu diperiksa", "a payment needs review"),
    "paid_while_suspended": Words(
        "dibayar saat langganan ditangguhkan", "paid while the subscription is suspended"
    ),
    "paid_after_cancel": Words(
        "dibayar setelah langganan diakhiri", "paid although the subscription was canceled"
    ),
    "suspensions_held": Words(
        "terlalu banyak langganan akan ditangguhkan; penangguhan ditahan",
        "too many suspensions at once; they are held",
    ),
    "billing_failed": Words(
        "langganan tidak dapat diproses tagihan harian",
        "the billing run cannot bill a subscription",
    ),
    "paid_then_canceled": Words(
        "pembayaran dibatalkan kembali oleh gateway", "the gateway canceled a completed payment"
    ),
    "code_refused": Words("kode QRIS dari gateway salah", "a QRIS code of the gateway was wrong"),
    "gateway_refused": Words(
        "gateway menolak permintaan kita", "the gateway refuses what it is asked"
    ),
    "gateway_unknown_order": Words(
        "gateway tidak mengenal proyek atau pesanan", "the gateway does not know project or order"
    ),
    "gateway_nonsense": Words(
        "jawaban gateway tidak dapat dipakai", "the gateway's answers cannot be used"
    ),
    "gateway_unreachable": Words("gateway tidak terjangkau", "the gateway cannot be reached"),
    "wrong_secret": Words(
        "pemberitahuan dengan rahasia yang salah", "notices came with a wrong secret"
    ),
    "books_differ": Words("pembukuan berbeda dengan gateway", "the books differ from the gateway"),
    "delivery_failing": Words(
        "webhook berkali-kali tidak sampai", "a webhook has failed again and again"
    ),
    "delivery_failed": Words("webhook tidak sampai", "a webhook was not delivered"),
    "endpoint_off": Words("alamat webhook dimatikan", "a webhook endpoint was turned off"),
    "disk_full": Words("disk penuh atau hampir penuh", "the disk is full, or nearly so"),
    "database_read_only": Words(
        "basis data hanya dapat dibaca", "the database can be read, not written"
    ),
    "database_unreachable": Words("basis data tidak menjawab", "the database does not answer"),
    "database_failed": Words(
        "layanan berhenti sendiri karena basis data gagal",
        "the service stopped itself because the database failed",
    ),
    "schema_newer": Words(
        "basis data milik versi yang lebih baru", "the database belongs to a newer version"
    ),
    "key_missing": Words("berkas kunci tidak ada di tempatnya", "the key file is not in its place"),
    "clock_jumped": Words(
        "jam mesin melompat; penagihan ditahan", "the machine's clock jumped; billing is held"
    ),
    "deliveries_behind": Words("webhook terlambat dikirim", "webhooks are sent late"),
    "worker_missing": Words("worker tidak berjalan", "no worker runs"),
    "billing_late": Words("penagihan hari ini belum jalan", "today's billing run was not made"),
    "backup_old": Words("cadangan semalam tidak ada", "last night's backup was not made"),
    "books_broken": Words(
        "isi basis data tidak seperti seharusnya", "the database is not as it must be"
    ),
    "cannot_start": Words("layanan tidak dapat dimulai", "the service cannot start"),
}
