package dev.simrelay.setup

import android.app.Activity
import android.graphics.Bitmap
import android.view.View
import android.view.ViewGroup.LayoutParams.MATCH_PARENT
import android.view.ViewGroup.LayoutParams.WRAP_CONTENT
import android.widget.Button
import android.widget.ImageView
import android.widget.LinearLayout
import android.widget.ScrollView
import android.widget.TextView
import dev.simrelay.R

/** One column of headings, texts and buttons. */
class Screen(activity: Activity) {
    private val column = LinearLayout(activity).apply {
        orientation = LinearLayout.VERTICAL
        val side = dp(16)
        setPadding(side, side, side, side)
    }

    /** Since Android 15 an app draws under the system's bars; fitsSystemWindows keeps this out of there. */
    val root: View = ScrollView(activity).apply {
        fitsSystemWindows = true
        isFillViewport = true
        addView(column, MATCH_PARENT, WRAP_CONTENT)
    }

    fun show(draw: (LinearLayout) -> Unit) {
        column.removeAllViews()
        draw(column)
    }
}

internal fun LinearLayout.heading(text: Int) = addView(
    TextView(context).apply {
        setText(text)
        setTextAppearance(android.R.style.TextAppearance_DeviceDefault_Large)
        setPadding(0, dp(20), 0, dp(4))
    },
)

internal fun LinearLayout.text(words: CharSequence, warning: Boolean = false) = addView(
    TextView(context).apply {
        text = words
        setTextIsSelectable(true)
        setPadding(0, dp(4), 0, dp(4))
        if (warning) setTextColor(context.getColor(R.color.warning))
    },
)

internal fun LinearLayout.button(label: CharSequence, name: String, action: () -> Unit) = addView(
    Button(context).apply {
        text = label
        tag = name
        setOnClickListener { action() }
    },
    LinearLayout.LayoutParams(WRAP_CONTENT, WRAP_CONTENT),
)

internal fun LinearLayout.picture(bitmap: Bitmap, description: CharSequence) = addView(
    ImageView(context).apply {
        setImageBitmap(bitmap)
        contentDescription = description
    },
    LinearLayout.LayoutParams(dp(200), dp(200)),
)

internal fun View.dp(points: Int): Int = (points * resources.displayMetrics.density).toInt()
