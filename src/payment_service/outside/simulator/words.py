"""What the simulator's payment page says, in both languages, and which one is asked for."""

from datetime import datetime

from payment_service.kit.calendar import zone_info
from payment_service.kit.money import Language

WORDS: dict[Language, dict[str, str]] = {
    "id": {
        "title": "Bayar dengan QRIS",
        "test": "Uji coba, bukan uang sungguhan",
        "live": "Simulator live, bukan uang sungguhan",
        "for_order": "Pesanan",
        "amount": "Harga",
        "fee": "Biaya QRIS",
        "receiver": "Penerima",
        "until": "Berlaku sampai",
        "pay": "Saya sudah bayar",
        "hint": "Kode ini bukan untuk dipindai. Tombol ini menggantikan pembayaran: transaksi "
        "ini dicatat lunas dan kabarnya dikirim ke aplikasi.",
        "back": "Kembali ke",
        "qr": "Kode QRIS uji coba senilai",
        "completed": "Lunas",
        "completed_text": "Pembayaran tercatat, dan kabarnya dikirim ke aplikasi. Halaman ini "
        "boleh ditutup.",
        "expired": "Kode ini lewat waktu",
        "expired_text": "Buat kode baru dari halaman tagihan Anda. Tagihannya tidak berubah.",
        "canceled": "Transaksi ini dibatalkan",
        "canceled_text": "Kode ini tidak bisa dibayar lagi. Buat kode baru dari halaman tagihan "
        "Anda.",
        "unknown": "Transaksi ini tidak ada",
        "unknown_text": "Periksa tautannya, atau buka lagi halaman tagihan Anda.",
    },
    "en": {
        "title": "Pay by QRIS",
        "test": "Test only, not real money",
        "live": "Live simulator, not real money",
        "for_order": "Order",
        "amount": "Price",
        "fee": "QRIS fee",
        "receiver": "Receiver",
        "until": "Valid until",
        "pay": "I have paid",
        "hint": "This code is not for scanning. This button stands in for the payment: the "
        "transaction is marked paid and the app is told.",
        "back": "Back to",
        "qr": "Test QRIS code over",
        "completed": "Paid",
        "completed_text": "The payment is recorded, and word is sent to the app. You can close "
        "this page.",
        "expired": "This code has run out",
        "expired_text": "Make a new code on your invoice page. Your invoice is unchanged.",
        "canceled": "This transaction was canceled",
        "canceled_text": "This code can no longer be paid. Make a new one on your invoice page.",
        "unknown": "There is no such transaction",
        "unknown_text": "Check the link, or open your invoice page again.",
    },
}


def language_of(accept_language: str) -> Language:
    """English when the browser ranks it above Indonesian."""
    best: dict[str, float] = {}
    for part in accept_language.lower().split(","):
        tag, _, quality = part.strip().partition(";q=")
        name = tag.split("-")[0]
        try:
            best[name] = max(best.get(name, 0.0), float(quality or 1))
        except ValueError:
            continue
    return "en" if best.get("en", 0.0) > best.get("id", 0.0) else "id"


def hour(instant: datetime, language: Language) -> str:
    """`14.47 WIB`, in English `14:47 WIB`."""
    local = instant.astimezone(zone_info("Asia/Jakarta"))
    mark = "." if language == "id" else ":"
    return f"{local:%H}{mark}{local:%M}\u00a0WIB"
