package dev.simrelay.contract;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.objectweb.asm.ClassReader;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.MethodNode;

/** What the build left: classes as compiled, classes as shrunk, the dex file. */
final class Built {
  private static final Path BUILD = Path.of(System.getProperty("simrelay.build"));

  private Built() {}

  /** The project's root. */
  static Path root() {
    return Path.of(System.getProperty("basedir")).getParent();
  }

  static Path manifest() {
    return Path.of(System.getProperty("basedir"), "src/main/AndroidManifest.xml");
  }

  static Path dex() {
    return BUILD.resolve("classes.dex");
  }

  static Path tool(String name) {
    return BUILD.resolve("tools").resolve(name);
  }

  /** All classes of the app as the compiler left them. */
  static List<ClassNode> compiled() throws IOException {
    List<ClassNode> classes = new ArrayList<>();
    try (Stream<Path> files = Files.walk(BUILD.resolve("classes"))) {
      for (Path file : (Iterable<Path>) files.filter(path -> path.toString().endsWith(".class"))::iterator) {
        classes.add(parse(Files.readAllBytes(file)));
      }
    }
    return classes;
  }

  /** All classes that go into the dex file: the app's and what is left of the standard library. */
  static List<ClassNode> shrunk() throws IOException {
    List<ClassNode> classes = new ArrayList<>();
    try (JarFile jar = new JarFile(BUILD.resolve("shrunk.jar").toFile())) {
      for (Enumeration<JarEntry> entries = jar.entries(); entries.hasMoreElements(); ) {
        JarEntry entry = entries.nextElement();
        if (entry.getName().endsWith(".class")) {
          try (InputStream in = jar.getInputStream(entry)) {
            classes.add(parse(in.readAllBytes()));
          }
        }
      }
    }
    return classes;
  }

  /** The native methods of NativeBridge as compiled, {@code name(parameters)result}. */
  static TreeSet<String> natives() throws IOException {
    TreeSet<String> natives = new TreeSet<>();
    for (ClassNode node : compiled()) {
      for (MethodNode method : node.methods) {
        if ((method.access & Opcodes.ACC_NATIVE) != 0) {
          if (!node.name.equals("dev/simrelay/NativeBridge")) {
            throw new AssertionError("a native outside NativeBridge: " + node.name + "." + method.name);
          }
          natives.add(method.name + method.desc);
        }
      }
    }
    return natives;
  }

  /** What is annotated {@code @CalledFromNative}, {@code class.name(parameters)result}. */
  static TreeSet<String> calledFromNative() throws IOException {
    TreeSet<String> called = new TreeSet<>();
    for (ClassNode node : compiled()) {
      for (MethodNode method : node.methods) {
        boolean annotated =
            Stream.of(method.visibleAnnotations, method.invisibleAnnotations)
                .filter(list -> list != null)
                .flatMap(List::stream)
                .anyMatch(annotation -> annotation.desc.equals("Ldev/simrelay/CalledFromNative;"));
        if (annotated) {
          called.add(node.name + "." + method.name + method.desc);
        }
      }
    }
    return called;
  }

  private static ClassNode parse(byte[] bytes) {
    ClassNode node = new ClassNode();
    new ClassReader(bytes).accept(node, 0);
    return node;
  }
}
