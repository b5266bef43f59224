package dev.simrelay.setup

import android.app.Activity
import android.os.Bundle
import android.webkit.WebView
import android.widget.TextView
import dev.simrelay.App
import dev.simrelay.R

/** The core's own page. It is shown what the API on this phone serves, and nothing else. */
class PageActivity : Activity() {
    private var view: WebView? = null

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        val app = App.of(this)
        app.workers.control("the page") {
            val status = app.core.status()
            runOnUiThread {
                if (status == null) say(getString(R.string.not_open)) else show(Page(status))
            }
        }
    }

    @Deprecated("There is no other way back in API 26.")
    override fun onBackPressed() {
        val view = view
        @Suppress("DEPRECATION")
        if (view?.canGoBack() == true) view.goBack() else super.onBackPressed()
    }

    override fun onDestroy() {
        view?.destroy()
        super.onDestroy()
    }

    private fun show(page: Page) {
        if (isDestroyed) return
        val web = WebView(this)
        web.settings.apply {
            javaScriptEnabled = true
            allowFileAccess = false
            allowContentAccess = false
        }
        web.fitsSystemWindows = true
        web.webViewClient = PageClient(this, page, ::say)
        web.loadUrl(page.url)
        view = web
        setContentView(web)
    }

    private fun say(words: String) = setContentView(
        TextView(this).apply {
            text = words
            fitsSystemWindows = true
        },
    )
}
