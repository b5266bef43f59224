package dev.simrelay.setup

import android.graphics.Bitmap
import android.graphics.Color
import io.nayuki.qrcodegen.QrCode

/** A text as a picture for another phone's camera. */
object QrImage {
    /** Modules of white around the code, without which cameras do not find it. */
    private const val BORDER = 4
    private const val PIXELS_PER_MODULE = 8

    fun of(text: String): Bitmap {
        val code = QrCode.encodeText(text, QrCode.Ecc.MEDIUM)
        val modules = code.size + 2 * BORDER
        val side = modules * PIXELS_PER_MODULE
        val pixels = IntArray(side * side) { at ->
            val x = at % side / PIXELS_PER_MODULE - BORDER
            val y = at / side / PIXELS_PER_MODULE - BORDER
            if (code.getModule(x, y)) Color.BLACK else Color.WHITE
        }
        return Bitmap.createBitmap(pixels, side, side, Bitmap.Config.ARGB_8888)
    }
}
