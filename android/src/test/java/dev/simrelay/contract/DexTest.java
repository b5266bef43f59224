package dev.simrelay.contract;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import com.android.dex.ClassData;
import com.android.dex.ClassDef;
import com.android.dex.Dex;
import com.android.dex.MethodId;
import com.android.dex.ProtoId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.Test;
import org.objectweb.asm.Opcodes;
import org.objectweb.asm.tree.AbstractInsnNode;
import org.objectweb.asm.tree.ClassNode;
import org.objectweb.asm.tree.MethodNode;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The file that a phone runs holds what the manifest, the platform and the library look for in it. */
public final class DexTest {
  private static final String ANDROID = "http://schemas.android.com/apk/res/android";
  private static final List<String> COMPONENTS =
      List.of("application", "activity", "service", "receiver", "provider");

  @Test
  public void every_component_of_the_manifest_is_there() throws Exception {
    Set<String> classes =
        dex().typeNames().stream().collect(Collectors.toCollection(TreeSet::new));
    classes.retainAll(defined(dex()));
    List<String> wanted = components();
    assertTrue("the manifest names too few components: " + wanted, wanted.size() > 3);
    assertEquals(List.of(), wanted.stream().filter(name -> !classes.contains(name)).toList());
  }

  @Test
  public void what_rust_calls_and_what_it_implements_survives_shrinking() throws IOException {
    TreeSet<String> wanted = Built.calledFromNative();
    Built.natives().forEach(method -> wanted.add("dev/simrelay/NativeBridge." + method));
    assertTrue(wanted.size() > 10);
    wanted.removeAll(methods(dex()));
    assertEquals(Set.of(), wanted);
  }

  @Test
  public void no_invokedynamic_is_left() throws IOException {
    List<String> users = new ArrayList<>();
    for (ClassNode node : Built.shrunk()) {
      for (MethodNode method : node.methods) {
        for (AbstractInsnNode instruction : method.instructions) {
          if (instruction.getOpcode() == Opcodes.INVOKEDYNAMIC) {
            users.add(node.name + "." + method.name);
          }
        }
      }
    }
    assertEquals(List.of(), users);
    // Version 038 brought the instruction that it would become, and Android 8 with it.
    String version = new String(dex().getBytes(), 4, 3, StandardCharsets.US_ASCII);
    assertTrue("dex version " + version, version.compareTo("038") < 0);
  }

  private static Dex dex() throws IOException {
    return new Dex(Built.dex().toFile());
  }

  /** Names of components as types of the dex file, {@code Ldev/simrelay/App;}. */
  private static List<String> components() throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setNamespaceAware(true);
    Element manifest = factory.newDocumentBuilder().parse(Built.manifest().toFile()).getDocumentElement();
    String packageName = manifest.getAttribute("package");
    List<String> types = new ArrayList<>();
    for (String component : COMPONENTS) {
      NodeList elements = manifest.getElementsByTagName(component);
      for (int at = 0; at < elements.getLength(); at++) {
        String name = ((Element) elements.item(at)).getAttributeNS(ANDROID, "name");
        String full = name.startsWith(".") ? packageName + name : name;
        types.add("L" + full.replace('.', '/') + ";");
      }
    }
    return types;
  }

  private static Set<String> defined(Dex dex) {
    Set<String> types = new TreeSet<>();
    for (ClassDef definition : dex.classDefs()) {
      types.add(dex.typeNames().get(definition.getTypeIndex()));
    }
    return types;
  }

  /** Methods that the file defines, {@code class.name(parameters)result}. */
  private static Set<String> methods(Dex dex) {
    Set<String> methods = new TreeSet<>();
    for (ClassDef definition : dex.classDefs()) {
      if (definition.getClassDataOffset() == 0) {
        continue;
      }
      for (ClassData.Method method : dex.readClassData(definition).allMethods()) {
        MethodId id = dex.methodIds().get(method.getMethodIndex());
        String type = dex.typeNames().get(id.getDeclaringClassIndex());
        ProtoId prototype = dex.protoIds().get(id.getProtoIndex());
        StringBuilder signature = new StringBuilder(type.substring(1, type.length() - 1));
        signature.append('.').append(dex.strings().get(id.getNameIndex())).append('(');
        for (short parameter : dex.readTypeList(prototype.getParametersOffset()).getTypes()) {
          signature.append(dex.typeNames().get(parameter));
        }
        signature.append(')').append(dex.typeNames().get(prototype.getReturnTypeIndex()));
        methods.add(signature.toString());
      }
    }
    return methods;
  }
}
